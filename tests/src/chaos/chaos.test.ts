import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runChaos } from "./run-chaos.js";

const TRIALS = 10;
/** Each has kills of services, of nats-server and of programs among them. */
const SEED = 1;

it("delivers all that was accepted, once, or tells its failure, whatever is killed meanwhile", {
  timeout: 600_000,
}, async () => {
  const logFolder = await mkdtemp(join(tmpdir(), "polyreel-chaos-"));
  const told: string[] = [];
  const { signal } = new AbortController();
  const { report, problems } = await runChaos({
    trials: TRIALS,
    seed: SEED,
    logFolder,
    signal,
    tell: (line) => told.push(line),
  });
  expect(problems, told.join("\n")).toEqual([]);
  expect(report).toMatchObject({ trials: TRIALS, lost: 0, duplicated: 0, partsRedone: 0, orphans: 0, strayFiles: 0 });
  expect(report.kills).toBeGreaterThanOrEqual(TRIALS);
  // Of cancelled batches the rest is neither: the audit looks at each batch for what is lost.
  expect(report.delivered + report.failed).toBeLessThanOrEqual(report.accepted);
  expect(Math.min(report.cancels, report.deletes)).toBeGreaterThan(0);
  await rm(logFolder, { recursive: true }); // kept where something went wrong
});
