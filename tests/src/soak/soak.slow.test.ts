import { expect, it } from "vitest";
import { runSoak } from "./run-soak.js";

const BATCHES = 12;

it("polyreel up keeps nothing of deleted small batches", { timeout: 600_000 }, async () => {
  const { signal } = new AbortController();
  const { report, problems } = await runSoak({ batches: BATCHES, seed: 1, signal, print: () => {} });
  // A few batches do not show whether memory grows: `npm run soak` does.
  expect(problems.filter((problem) => !/^(rss|heap|external)Mb grows/.test(problem))).toEqual([]);
  expect(report.finished + report.cancelled).toBe(BATCHES);
  expect(report.samples.at(-1)).toMatchObject({ batches: BATCHES, temporaryFiles: 1 });
});
