import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runChaos } from "./run-chaos.js";

/** As many as it takes to kill each service, nats-server and a program, and to draw every fate of a batch. */
const TRIALS = 7;
const SEED = 1;

it("delivers everything accepted once, or reports its failure, despite kills", {
  timeout: 600_000,
}, async () => {
  const logFolder = await mkdtemp(join(tmpdir(), "polyreel-chaos-"));
  const lines: string[] = [];
  const { signal } = new AbortController();
  const { report, problems } = await runChaos({
    trials: TRIALS,
    seed: SEED,
    logFolder,
    signal,
    print: (line) => lines.push(line),
  });
  expect(problems, lines.join("\n")).toEqual([]);
  expect(report).toMatchObject({ trials: TRIALS, lost: 0, duplicated: 0, partsRedone: 0, orphans: 0, strayFiles: 0 });
  expect(report.kills).toBeGreaterThanOrEqual(TRIALS);
  // The rest of cancelled batches is neither: the audit checks each batch for losses.
  expect(report.delivered + report.failed).toBeLessThanOrEqual(report.accepted);
  expect(Math.min(report.cancels, report.deletes)).toBeGreaterThan(0);
  await rm(logFolder, { recursive: true }); // Kept if something went wrong.
});
