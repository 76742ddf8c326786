import { expect, it } from "vitest";
import { runHostile } from "./run-hostile.js";

/** All traps, and some damaged files. */
const COUNT = 90;
const SEED = 1;
/** The largest accepted picture, 200 million pixels, takes some of it. */
const MAX_PROGRAM_MB = 4096;
const MAX_SERVICE_MB = 1024;
/** Other tests run concurrently; unbounded, costly requests took minutes. */
const SLACK = 4;

it("makes a correct video of a hostile file, or refuses it clearly, within limits", {
  timeout: 1_200_000,
}, async () => {
  const { signal } = new AbortController();
  const options = { count: COUNT, seed: SEED, attacks: true, slack: SLACK };
  const { report, problems } = await runHostile({ ...options, signal, print: () => {} });
  expect(problems).toEqual([]);
  expect(report).toMatchObject({ count: COUNT, wrong: 0, crashes: 0, hangs: 0, innerFetches: 0, fileReads: 0 });
  expect(report.attacks).toBeGreaterThan(30);
  expect(report.delivered).toBeGreaterThan(0);
  expect(report.refused).toBeGreaterThan(COUNT / 4);
  expect(report.peakProgramMb).toBeLessThan(MAX_PROGRAM_MB);
  expect(report.peakServiceMb).toBeLessThan(MAX_SERVICE_MB);
});
