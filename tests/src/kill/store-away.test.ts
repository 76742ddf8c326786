import { chmod, mkdir, mkdtemp, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { Overrun, Stage, type WatchBatchResponse } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endOf, failuresOf, runBatch, submit, watch } from "../testing/batches.js";
import { footage, video, voice } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, type ServiceName, startPipeline } from "../testing/pipeline.js";
import { expectWhole } from "./whole.js";

let folder: string;
let pipeline: Pipeline;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-mute-"));
  await writeFile(join(folder, "flite"), flite(mute()));
  await chmod(join(folder, "flite"), 0o755);
  pipeline = await startPipeline({ PATH: `${folder}:${process.env.PATH}` });
});
afterAll(async () => {
  await pipeline?.close();
  await rm(folder, { recursive: true });
});

const mute = () => join(folder, "mute");

/** A flite that reports its version, and speaks only while there is no file `silent`. */
const flite = (silent: string) => `#!/bin/sh
PATH="\${PATH#*:}"
case $1 in
  -lv | --version) ;;
  *) while [ -e "${silent}" ]; do sleep 0.1; done ;;
esac
exec flite "$@"
`;

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

/** Like an unmounted disk: an empty folder remains. Returns a function that mounts it again. */
async function unmountStore(): Promise<() => Promise<void>> {
  const elsewhere = `${pipeline.store}-elsewhere`;
  await rename(pipeline.store, elsewhere);
  await mkdir(pipeline.store);
  return async () => {
    await rmdir(pipeline.store); // Nothing was written there.
    await rename(elsewhere, pipeline.store);
  };
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

type Condition = (update: WatchBatchResponse) => boolean;

const isRequested =
  (wanted: Stage): Condition =>
  ({ update }) =>
    update.case === "part" && update.value.stage === wanted && update.value.event.case === "requested";

const triesAgain =
  (stage: Stage): Condition =>
  ({ update: { case: name, value } }) =>
    name === "progress" &&
    value.stage === stage &&
    /The store in .* is not mounted/.test(value.tryingAgain?.reason ?? "");

/** Each service, the fact that shows it has work, and the stage of its reported retry. */
const SERVICES: [ServiceName, Condition, Stage][] = [
  ["planner", ({ update }) => update.case === "batchSubmitted", Stage.PLAN],
  ["tts", isRequested(Stage.VOICE), Stage.VOICE],
  ["renderer", isRequested(Stage.CLIP), Stage.CLIP],
  ["uploader", ({ update }) => update.case === "combinationRendered", Stage.DELIVERY],
];

it.each(SERVICES)("makes the %s wait, report it, and continue when it is back", async (name, hasWork, stage) => {
  const batch = await batchOf(400 + 100 * SERVICES.findIndex(([one]) => one === name));
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
  const mountStore = await unmountStore();
  const waiting = watch(pipeline, batchId, { withinSeconds: 60, until: triesAgain(stage) });
  await goOn();
  await waiting.finally(mountStore);
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
  const mountStore = await unmountStore();
  const refused = [await codeOf(submit(pipeline, batch)), await codeOf(put(pipeline, other))];
  await mountStore();
  expect(refused).toEqual([Code.Unavailable, Code.Unavailable]);
  expect(await codeOf(put(pipeline, other))).toBe("taken");
  await expectWhole(pipeline, await runBatch(pipeline, batch));
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
