import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { needs } from "@polyreel/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { failuresOf, manifestOf, runBatch } from "../testing/batches.js";
import { footage, text, video } from "../testing/blocks.js";
import { visibleFiles } from "../testing/left-behind.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { write } from "./damage.js";

let pipeline: Pipeline;
let blocks: ReturnType<typeof video>[];
beforeAll(async () => {
  pipeline = await startPipeline({ POLYREEL_OUTAGE_WAIT: "5s" });
  const path = await makeFootage(pipeline.folder, "hook.mp4", { sound: false });
  blocks = [
    video("hook", { choices: [footage("hook", await put(pipeline, path))] }),
    text("headline", { choices: [{ text: "one" }, { text: "two" }] }),
  ];
  await mkdir(pipeline.out, { recursive: true });
});
afterAll(() => pipeline?.close());

const into = (path: string) => ({
  blocks,
  outputs: [{ destination: { kind: { case: "folder" as const, value: { path } } } }],
});

it("reports that a folder is none, while other batches are delivered", async () => {
  await write(pipeline.out, "taken", "I was here first.");
  const [taken, free] = await Promise.all([runBatch(pipeline, into("taken")), runBatch(pipeline, into("free"))]);
  expect(taken.status.combinations).toMatchObject({ delivered: 0n, failed: 2n });
  for (const failure of failuresOf(taken.combinations).values()) {
    expect(failure?.reason).toMatch(/^Cannot write (one|two)\.mp4 to .*taken: (something else|a part of that path)/);
    expect(failure?.remedy).toMatch(/^Remove (it|that file), or choose another folder/);
  }
  expect(free.status.combinations).toMatchObject({ delivered: 2n, failed: 0n });
  expect(await manifestOf(pipeline, "free")).toHaveLength(2);
});

it("delivers the rest into a folder where one file name is a folder", async () => {
  await mkdir(join(pipeline.out, "partly", "one.mp4"), { recursive: true });
  const { combinations } = await runBatch(pipeline, into("partly"));
  const failures = failuresOf(combinations);
  expect([...failures.keys()]).toEqual(["hook/one"]);
  expect(failures.get("hook/one")?.reason).toMatch(/^Cannot write one\.mp4 to .*: a folder lies there/);
  expect((await manifestOf(pipeline, "partly")).map(({ status }) => status)).toEqual(["failed", "delivered"]);
  expect(await visibleFiles(join(pipeline.out, "partly"))).toEqual(
    ["manifest.csv", "manifest.jsonl", "one.mp4", "two.mp4"].sort(),
  );
});

// Root may write everywhere.
it("reports denied permissions", needs(process.getuid?.() !== 0, "root may write anywhere"), async () => {
  const closed = join(pipeline.out, "closed");
  await mkdir(closed);
  await chmod(closed, 0o555);
  const { combinations } = await runBatch(pipeline, into("closed"));
  for (const failure of failuresOf(combinations).values()) expect(failure?.reason).toMatch(/permission is denied/);
  expect(failuresOf(combinations).size).toBe(2);
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
