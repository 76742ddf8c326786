import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FailureCode, Overrun, Stage, type WatchBatchResponse } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endOfRun, resumed } from "./rework/runs.js";
import { endOf, failuresOf, labels, runBatch, submit, watch } from "./testing/batches.js";
import { footage, video, voice } from "./testing/blocks.js";
import { expectNothingLeft } from "./testing/leftovers.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, type ServiceProcess, startPipeline } from "./testing/pipeline.js";

const LIMIT = { withinSeconds: 90 };
let folder: string;
let pipeline: Pipeline;
let tts: ServiceProcess;
let hook: ReturnType<typeof video>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-upgraded-"));
  await install(versionOf("2.2"));
  // The line of a killed speech service is taken over soon.
  pipeline = await startPipeline({ PATH: `${folder}:${process.env.PATH}`, POLYREEL_ACK_WAIT_SECONDS: "5" });
  tts = pipeline.services.tts;
  const path = await makeFootage(pipeline.folder, "hook.mp4", { size: "160x90", sound: false });
  hook = video("hook", { choices: [footage("hook", await put(pipeline, path))] });
});
afterAll(async () => {
  await pipeline?.close();
  await rm(folder, { recursive: true });
});

const mute = () => join(folder, "mute");
const versionOf = (version: string) => `echo "  version: flite-${version}-test (http://cmuflite.org)"; exit 1`;

/** Installs a flite that answers `--version` so; it speaks as the installed one does, but not while there is a file `mute`. */
async function install(version: string): Promise<void> {
  const script = `#!/bin/sh
PATH="\${PATH#*:}"
if [ "$1" = --version ]; then ${version}; fi
while [ "$1" != -lv ] && [ -e "${mute()}" ]; do sleep 0.1; done
exec flite "$@"
`;
  await writeFile(join(folder, "flite"), script);
  await chmod(join(folder, "flite"), 0o755);
}

async function restart(): Promise<void> {
  await tts.kill("SIGTERM");
  tts = pipeline.start("tts");
}

const batchOf = (...more: { label: string; text?: string }[]) => ({
  blocks: [
    hook,
    voice("say", {
      overrun: Overrun.TRIM,
      choices: [
        { label: "default", text: "Half price" },
        ...["rms", "en-us"].map((name) => ({ label: name, voice: name, text: "Now" })),
        ...more,
      ],
    }),
  ],
});
const linesOf = async () => {
  const { status } = await runBatch(pipeline, batchOf(), LIMIT);
  return { delivered: status.combinations?.delivered, made: status.voices?.made, reused: status.voices?.reused };
};
const estimate = async () => {
  const { voices, unknown } = await pipeline.batches.estimateBatch({ batch: batchOf() });
  return { lines: [Number(voices?.there), Number(voices?.distinct)], unknown: unknown.map(({ reason }) => reason) };
};
const linesStored = async () => {
  const files = await readdir(join(pipeline.store, "tenants", "default", "parts", "voice"), { recursive: true });
  return files.filter((path) => /[0-9a-f]{64}$/.test(path)).length;
};

it("speaks lines again, once, after an engine's upgrade, and keeps the lines of other engines", async () => {
  expect((await estimate()).lines).toEqual([0, 3]);
  expect(await linesOf()).toMatchObject({ delivered: 3n, made: 3n });
  expect(await estimate()).toEqual({ lines: [3, 3], unknown: [] });
  expect(await linesOf()).toMatchObject({ delivered: 3n, made: 0n, reused: 3n });

  await install(versionOf("2.3"));
  await restart();
  expect(await linesOf()).toMatchObject({ delivered: 3n, made: 2n, reused: 1n });
  expect(await linesStored()).toBe(5);
  expect((await estimate()).lines).toEqual([3, 3]);
  expect(await linesOf()).toMatchObject({ delivered: 3n, made: 0n, reused: 3n });
}, 240_000);

it("fails lines that an upgraded engine was not planned for, and a retry plans them for the engine that is installed", async () => {
  await writeFile(mute(), "");
  const say = voice("say", { overrun: Overrun.TRIM, choices: [{ label: "line", voice: "rms", text: "Until Friday" }] });
  const batchId = await submit(pipeline, { blocks: [hook, say] });
  const requested = ({ update }: WatchBatchResponse) =>
    update.case === "part" && update.value.stage === Stage.VOICE && update.value.event.case === "requested";
  await watch(pipeline, batchId, { ...LIMIT, until: requested });
  await tts.kill("SIGKILL");
  await install(versionOf("2.4"));
  await rm(mute());
  tts = pipeline.start("tts");
  const failures = failuresOf((await endOf(pipeline, batchId, LIMIT)).combinations);
  expect(failures.get("hook/line")).toMatchObject({
    ...{ block: "say", choice: "line", code: FailureCode.UNAVAILABLE },
    reason: expect.stringContaining(
      'planned for the voice "rms" of "flite-2.3-test", and this speech service has "flite-2.4',
    ),
    remedy: expect.stringMatching(/^Retry the batch/),
  });
  const { status } = await endOfRun(pipeline, batchId, await resumed(pipeline.batches.retryBatch({ batchId })));
  expect(status.combinations).toMatchObject({ delivered: 1n, failed: 0n });
}, 240_000);

it("delivers combinations without voices while no speech service runs, and the rest when one does", async () => {
  await tts.kill("SIGTERM");
  const without = await estimate();
  expect(without.lines).toEqual([0, 3]);
  expect(without.unknown).toHaveLength(3);
  for (const reason of without.unknown) expect(reason).toMatch(/^No speech service states the build of its voices/);

  const batchId = await submit(pipeline, batchOf({ label: "nothing" }));
  const delivered = ({ update }: WatchBatchResponse) => update.case === "combinationDelivered";
  await watch(pipeline, batchId, { ...LIMIT, until: delivered });
  const waits = async () => (await pipeline.batches.getBatch({ batchId })).batch?.waiting?.next?.reason;
  await expect.poll(waits, { timeout: 30_000 }).toBe("No speech service lists its voices.");
  tts = pipeline.start("tts");
  const { status, combinations } = await endOf(pipeline, batchId, LIMIT);
  expect(status.combinations).toMatchObject({ delivered: 4n, failed: 0n });
  expect(status.voices).toMatchObject({ distinct: 3n, failed: 0n });
  expect(combinations.map(labels)).toContain("hook/nothing");
}, 240_000);

it("fails the lines of an engine that does not state its build, and delivers those of others", async () => {
  await install("echo unversioned; exit 1");
  await restart();
  const { status, combinations } = await runBatch(pipeline, batchOf({ label: "nothing" }), LIMIT);
  expect(status.combinations).toMatchObject({ delivered: 2n, failed: 2n });
  const failures = failuresOf(combinations);
  expect([...failures.keys()]).toEqual(["hook/default", "hook/rms"]);
  expect(failures.get("hook/rms")).toMatchObject({
    ...{ block: "say", choice: "rms", code: FailureCode.UNAVAILABLE },
    reason: expect.stringMatching(/^The voice "rms" is not available: flite failed to list its voices: /),
  });
}, 240_000);

it("leaves nothing behind", () => expectNothingLeft(pipeline));
