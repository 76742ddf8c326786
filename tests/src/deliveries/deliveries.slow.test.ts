import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runDeliveries } from "./run-deliveries.js";

const COMBINATIONS = 20;
const KILLS = 4;

it("delivers every output of every combination to every folder once, despite kills", {
  timeout: 600_000,
}, async () => {
  const logFolder = await mkdtemp(join(tmpdir(), "polyreel-deliveries-"));
  const printed: string[] = [];
  const { signal } = new AbortController();
  const { report, problems } = await runDeliveries({
    ...{ combinations: COMBINATIONS, kills: KILLS, seed: 1, logFolder, signal },
    print: (line) => printed.push(line),
  });
  expect(problems, printed.join("\n")).toEqual([]);
  expect(report).toMatchObject({
    ...{ expected: 120, delivered: 120, twice: 0, missing: 0, miscounted: 0, partsRedone: 0 },
    ...{ wrongFiles: 0, strayFiles: 0, orphans: 0 },
  });
  expect(report.kills).toBeGreaterThanOrEqual(KILLS / 2); // Programs that were not running could not be killed.
  await rm(logFolder, { recursive: true }); // Kept if something went wrong.
});
