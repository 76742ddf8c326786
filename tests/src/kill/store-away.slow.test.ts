import { chmod, mkdir, mkdtemp, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { Overrun, Stage, type WatchBatchResponse } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { NEEDS_SEAWEED, startSeaweed } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endOf, failuresOf, runBatch, submit, watch } from "../testing/batches.js";
import { footage, video, voice } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, type ServiceName, startPipeline } from "../testing/pipeline.js";
import { storeOnS3 } from "../testing/s3.js";
import { expectWhole } from "./whole.js";

/** Makes the store unavailable; returns a function that brings it back. */
type TakeAway = () => Promise<() => Promise<void>>;

interface Outage {
  readonly takeAway: TakeAway;
  /** Reported reason. */
  readonly reason: RegExp;
}

interface Home {
  readonly pipeline: Pipeline;
  /** The outage that a service meets; `gateway`: that refuses calls. */
  readonly outages: Readonly<Record<ServiceName, Outage>>;
}

/** Starts services with further variables; they are closed by the releasers. */
type OpenHome = (env: NodeJS.ProcessEnv, folder: string, releasers: Releasers) => Promise<Home>;

/** Like an unmounted disk: an empty folder remains. */
const inFolder: OpenHome = async (env, _, releasers) => {
  const pipeline = await startPipeline(env);
  releasers.add(() => pipeline.close());
  const takeAway = async () => {
    const elsewhere = `${pipeline.store}-elsewhere`;
    await rename(pipeline.store, elsewhere);
    await mkdir(pipeline.store);
    return async () => {
      await rmdir(pipeline.store); // Nothing was written there.
      await rename(elsewhere, pipeline.store);
    };
  };
  const unmounted = { takeAway, reason: /The store in .* is not mounted/ };
  const outages = { gateway: unmounted, planner: unmounted, tts: unmounted, renderer: unmounted, uploader: unmounted };
  return { pipeline, outages };
};

const onS3: OpenHome = async (env, folder, releasers) => {
  const server = releasers.use(await startSeaweed());
  const pipeline = await startPipeline({ ...storeOnS3(server, "away", folder), ...env });
  releasers.add(() => pipeline.close());
  const stopped: Outage = {
    async takeAway() {
      await server.stop();
      return () => server.restart();
    },
    reason: /Cannot use the store in s3:.*: (nothing listens there|the connection was broken)\.$/,
  };
  const deleted: Outage = {
    takeAway: () => server.deleteBucket(),
    reason: /the bucket media does not exist|cannot be used: its object \.format is missing/,
  };
  return {
    pipeline,
    outages: { gateway: stopped, planner: deleted, tts: deleted, renderer: deleted, uploader: stopped },
  };
};

/** A flite that reports its version, and speaks only while there is no file `silent`. */
const flite = (silent: string) => `#!/bin/sh
PATH="\${PATH#*:}"
case $1 in
  -lv | --version) ;;
  *) while [ -e "${silent}" ]; do sleep 0.1; done ;;
esac
exec flite "$@"
`;

type Condition = (update: WatchBatchResponse) => boolean;

const isRequested =
  (wanted: Stage): Condition =>
  ({ update }) =>
    update.case === "part" && update.value.stage === wanted && update.value.event.case === "requested";

const triesAgain =
  (stage: Stage, reason: RegExp): Condition =>
  ({ update: { case: name, value } }) =>
    name === "progress" && value.stage === stage && reason.test(value.tryingAgain?.reason ?? "");

/** Each service, the fact that shows it has work, and the stage of its reported retry. */
const SERVICES: [ServiceName, Condition, Stage][] = [
  ["planner", ({ update }) => update.case === "batchSubmitted", Stage.PLAN],
  ["tts", isRequested(Stage.VOICE), Stage.VOICE],
  ["renderer", isRequested(Stage.CLIP), Stage.CLIP],
  ["uploader", ({ update }) => update.case === "combinationRendered", Stage.DELIVERY],
];

function testOutages(openHome: OpenHome): void {
  const releasers = new Releasers();
  let folder: string;
  let pipeline: Pipeline;
  let outages: Home["outages"];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "polyreel-mute-"));
    releasers.add(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "flite"), flite(mute()));
    await chmod(join(folder, "flite"), 0o755);
    ({ pipeline, outages } = await openHome({ PATH: `${folder}:${process.env.PATH}` }, folder, releasers));
  });
  afterAll(() => releasers.close());

  const mute = () => join(folder, "mute");

  /** Holds a service up before its work. A stopped speech service would not list its voices, so that no line would be requested. */
  async function holdUp(name: ServiceName): Promise<() => Promise<unknown>> {
    if (name === "tts") {
      await writeFile(mute(), "");
      return () => rm(mute());
    }
    const { child } = pipeline.services[name];
    child.kill("SIGSTOP");
    return async () => child.kill("SIGCONT");
  }

  /** Each length makes a different one. */
  async function batchOf(milliseconds: number) {
    const seconds = milliseconds / 1000;
    const path = await makeFootage(pipeline.folder, `${milliseconds}.mp4`, { seconds, size: "160x90", sound: false });
    return {
      blocks: [
        video("hook", { choices: [footage("hook", await put(pipeline, path))] }),
        voice("say", { overrun: Overrun.TRIM, choices: [{ text: `Line ${milliseconds}` }] }),
      ],
    };
  }

  it.each(SERVICES)("makes the %s wait, report it, and continue when it is back", async (name, hasWork, stage) => {
    const batch = await batchOf(400 + 100 * SERVICES.findIndex(([one]) => one === name));
    const { takeAway, reason } = outages[name];
    // A stopped uploader would not answer the planner's question about its folder: it is stopped while a line waits.
    const isLate = name === "uploader";
    let goOn = await holdUp(isLate ? "tts" : name); // Until the store is unavailable.
    const batchId = await submit(pipeline, batch);
    if (isLate) {
      await watch(pipeline, batchId, { withinSeconds: 60, until: isRequested(Stage.VOICE) });
      const speak = goOn;
      goOn = await holdUp(name);
      await speak();
    }
    await watch(pipeline, batchId, { withinSeconds: 60, until: hasWork });
    const bringBack = await takeAway();
    const waiting = watch(pipeline, batchId, { withinSeconds: 60, until: triesAgain(stage, reason) });
    await goOn();
    await waiting.finally(bringBack);
    const ended = await endOf(pipeline, batchId, { withinSeconds: 60 });
    expect(failuresOf(ended.combinations)).toEqual(new Map());
    await expectWhole(pipeline, ended);
  });

  it("refuses batches and sources while it is unavailable, and accepts them when it is back", async () => {
    const batch = await batchOf(1000);
    const other = await makeFootage(pipeline.folder, "other.mp4", { seconds: 0.3, size: "160x90", sound: false });
    const codeOf = (call: Promise<unknown>) =>
      call.then(
        () => "taken",
        (error: unknown) => ConnectError.from(error).code,
      );
    const bringBack = await outages.gateway.takeAway();
    const refused = [await codeOf(submit(pipeline, batch)), await codeOf(put(pipeline, other))];
    await bringBack();
    expect(refused).toEqual([Code.Unavailable, Code.Unavailable]);
    // What was done meanwhile is recorded first: the audit log of a gateway without a database is in the store.
    await expect.poll(() => codeOf(put(pipeline, other))).toBe("taken");
    await expectWhole(pipeline, await runBatch(pipeline, batch));
  });

  it("leaves nothing behind", () => expectNothingLeft(pipeline));
}

describe("an unmounted disk of the store", () => testOutages(inFolder));
describe("a stopped server of the store, and a deleted bucket", NEEDS_SEAWEED, () => testOutages(onS3));
