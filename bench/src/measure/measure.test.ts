import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { childTicks, cpuSeconds, ownTicks } from "./cpu.js";
import { inTurns, measure, median } from "./measure.js";

const BURN = "const until = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < until);";

describe("measure", () => {
  it("counts the CPU time of children that have ended", async () => {
    const { cpuSeconds } = await measure(() => promisify(execFile)(process.execPath, ["-e", BURN]));
    expect(cpuSeconds).toBeGreaterThan(0.25);
  });

  it("counts the CPU time of this process, without waiting", async () => {
    const before = cpuSeconds();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(cpuSeconds() - before).toBeLessThan(0.25);
    const until = process.cpuUsage().user + 300_000;
    while (process.cpuUsage().user < until);
    expect(cpuSeconds() - before).toBeGreaterThan(0.25);
  });

  it("parses a stat line with an unusual program name", () => {
    const numbers = Array.from({ length: 50 }, (_, i) => i + 4).join(" ");
    expect(childTicks(`12 (a) b (c) S ${numbers}`)).toBe(16 + 17);
    expect(ownTicks(`12 (a) b (c) S ${numbers}`)).toBe(14 + 15);
  });

  it("alternates, after a round that is not counted", async () => {
    const order: string[] = [];
    await inTurns(2, { ours: (round) => order.push(`a${round}`), theirs: (round) => order.push(`b${round}`) });
    expect(order).toEqual(["a-1", "b-1", "a0", "b0", "a1", "b1"]);
  });

  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])("returns the median of %j", (values, expected) => expect(median(values)).toBe(expected));
});
