import { mkdir, rename } from "node:fs/promises";
import { BatchState, Stage, type WatchBatchResponse } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectTo } from "../client/connection.js";
import { Workshop } from "../testing/workshop.js";

let workshop: Workshop;

beforeAll(async () => {
  workshop = await Workshop.open();
  await mkdir(workshop.path("spring/media"), { recursive: true });
  for (const [i, name] of ["a", "c", "d"].entries()) await workshop.film(`spring/media/${name}.mp4`, 0.5, 330 + 50 * i);
  const block = (name: string, ...files: string[]) =>
    `  - {name: ${name}, video: {choices: [${files.map((file) => `{source: media/${file}.mp4}`).join(", ")}]}}\n`;
  await workshop.write(
    "spring/batch.yaml",
    `canvas: {width: 90, height: 160}\nblocks:\n${block("hook", "a", "b")}${block("body", "c", "d")}`,
  );
});
afterAll(() => workshop.close());

/** Watches a batch to its end; returns which of its clips were reused. */
async function endOf(url: string, batchId: string) {
  const connection = connectTo(url);
  try {
    const updates: WatchBatchResponse[] = [];
    for await (const one of connection.batches.watchBatch({ batchId })) updates.push(one);
    const { batch } = await connection.batches.getBatch({ batchId });
    const clips = updates.flatMap(({ update }) => {
      if (update.case !== "part" || update.value.event.case !== "ready") return [];
      return update.value.stage === Stage.CLIP ? [update.value.event.value.reused] : [];
    });
    return { batch, clips };
  } finally {
    connection.close();
  }
}

it("retries with files that were missing, when they are there", async () => {
  const up = await workshop.up(["--out", "videos"]);
  const submitted = await up.run("submit", "spring/batch.yaml", "--watch", "--json", "-q");
  expect(submitted.exitCode).toBe(1);
  const { batchId, failures, combinations } = JSON.parse(submitted.stdout);
  expect(combinations).toMatchObject({ delivered: 2, failed: 2 });
  expect(failures[0].remedy).toContain("polyreel retry");

  const still = await up.run("retry", batchId);
  expect(still.stderr).toContain(
    `still missing: ${workshop.path("spring/media/b.mp4")}: The file does not exist.  source  (block "hook", choice "b")\n`,
  );

  await workshop.film("spring/media/b.mp4", 0.5, 600);
  await rename(workshop.path("spring"), workshop.path("summer"));
  const moved = await up.run("retry", batchId, "--watch");
  expect(moved.stderr).toContain(`Batch ${batchId} was submitted from ${workshop.path("spring/batch.yaml")}, which`);
  expect(moved.stderr).toContain(`polyreel retry ${batchId} --file <batch file>\n`);

  const retry = ["retry", batchId, "--file", "summer/batch.yaml", "--request-id", "found"];
  const { stdout } = await up.run(...retry);
  expect(stdout).toBe("run 4: 2 combinations\n");
  expect((await up.run(...retry)).stdout).toBe(stdout);
  const { batch, clips } = await endOf(up.url, batchId);
  expect(batch).toMatchObject({ state: BatchState.FINISHED, combinations: { delivered: 4n, failed: 0n } });
  // Three clips for the first run, and the one that was missing.
  expect(clips.filter((reused) => !reused)).toHaveLength(4);
  await up.stop();
});
