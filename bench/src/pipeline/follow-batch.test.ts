import { expect, it } from "vitest";
import { growth, peak, type Sample, slowestTenth } from "./follow-batch.js";

const sample = (seconds: number, delivered: number, rssMegabytes: number): Sample => ({
  seconds,
  delivered,
  usages: { gateway: { cpuSeconds: 0, childrenCpuSeconds: 0, peakMegabytes: 0, rssMegabytes } },
});

it("computes memory growth after the first tenth, and the slowest tenth", () => {
  const samples = [sample(0, 0, 50), sample(1, 5, 90), sample(2, 10, 100), sample(4, 20, 130), sample(5, 100, 120)];
  expect(peak(samples, "gateway")).toBe(130);
  expect(growth(samples, "gateway")).toBe(30);
  expect(slowestTenth(samples)).toBe(5);
});
