import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Overrun } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runBatch } from "./testing/batches.js";
import { footage, video, voice } from "./testing/blocks.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

let folder: string;
let pipeline: Pipeline;
let hook: ReturnType<typeof video>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-upgraded-"));
  await install("2.2");
  pipeline = await startPipeline({ PATH: `${folder}:${process.env.PATH}` });
  const path = await makeFootage(pipeline.folder, "hook.mp4", { size: "160x90", sound: false });
  hook = video("hook", { choices: [footage("hook", await put(pipeline, path))] });
});
afterAll(async () => {
  await pipeline?.close();
  await rm(folder, { recursive: true });
});

/** A flite that states another version; it speaks as the installed one does. */
async function install(version: string): Promise<void> {
  const script = `#!/bin/sh
PATH="\${PATH#*:}"
if [ "$1" = --version ]; then echo "  version: flite-${version}-test (http://cmuflite.org)"; exit 1; fi
exec flite "$@"
`;
  await writeFile(join(folder, "flite"), script);
  await chmod(join(folder, "flite"), 0o755);
}

const batchOf = () => ({
  blocks: [
    hook,
    voice("say", {
      overrun: Overrun.TRIM,
      choices: [
        { label: "default", text: "Half price" },
        ...["rms", "en-us"].map((name) => ({ label: name, voice: name, text: "Now" })),
      ],
    }),
  ],
});
const voicesOf = async () => {
  const { status } = await runBatch(pipeline, batchOf());
  return { delivered: status.combinations?.delivered, made: status.voices?.made, reused: status.voices?.reused };
};
const spokenNow = async () => {
  const { voices } = await pipeline.batches.estimateBatch({ batch: batchOf() });
  return [Number(voices?.there), Number(voices?.distinct)];
};
const linesStored = async () => {
  const files = await readdir(join(pipeline.store, "tenants", "default", "parts", "voice"), { recursive: true });
  return files.filter((path) => /[0-9a-f]{64}$/.test(path)).length;
};

it("speaks anew, once, with an engine that was upgraded, and keeps the lines of other engines and of before", async () => {
  expect(await spokenNow()).toEqual([0, 3]);
  expect(await voicesOf()).toMatchObject({ delivered: 3n, made: 3n });
  expect(await spokenNow()).toEqual([3, 3]);

  await install("2.3");
  await pipeline.services.tts.kill("SIGTERM");
  pipeline.start("tts");
  // The planner waits for it; an estimate does not.
  expect(await voicesOf()).toMatchObject({ delivered: 3n, made: 2n, reused: 1n });
  expect(await linesStored()).toBe(5);
  expect(await spokenNow()).toEqual([3, 3]);
  expect(await voicesOf()).toMatchObject({ delivered: 3n, made: 0n, reused: 3n });
}, 240_000);
