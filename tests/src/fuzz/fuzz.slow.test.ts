import { expect, it } from "vitest";
import { runFuzz } from "./run-fuzz.js";

const COUNT = 200;
/** Covers all protocols and methods within its calls. */
const SEED = 3;

it("answers random and damaged calls of every method clearly, without affecting others", {
  timeout: 600_000,
}, async () => {
  const { signal } = new AbortController();
  const { report, problems } = await runFuzz({ count: COUNT, seed: SEED, signal, print: () => {} });
  // Latencies of the harmless call are measured by `npm run fuzz`: the machine is busy with other tests here.
  expect(problems.filter((problem) => !/^The harmless call took/.test(problem))).toEqual([]);
  expect(report).toMatchObject({ findings: 0, crashes: 0 });
  expect(Object.keys(report.codes)).toEqual(expect.arrayContaining(["ok", "invalid_argument", "not_found"]));
});
