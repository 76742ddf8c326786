import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { BENCHMARKS } from "./benchmarks.js";
import { choose } from "./run.js";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const bench = (...args: string[]) => promisify(execFile)(process.execPath, [MAIN, ...args]);

/** Under 45 seconds on an idle machine, with a margin for a busy one. */
const TIMEOUT_MS = 300_000;

describe("npm run bench -- --quick --json", { timeout: TIMEOUT_MS }, () => {
  it("prints one flat object with every figure", async () => {
    const { stdout } = await bench("--quick", "--json");
    const report: Record<string, unknown> = JSON.parse(stdout);
    const figures = Object.values(BENCHMARKS).flatMap(({ long, apart, figures }) =>
      long || apart ? [] : Object.entries(figures),
    );
    for (const [name, { unless, unit }] of figures) {
      if (unless && !(name in report)) continue;
      expect(report[name], name).toSatisfy((value) => Number.isFinite(value));
      // Memory may shrink, and shares may be zero.
      if (unit !== "MB" && unit !== "%") expect(report[name], name).toBeGreaterThan(0);
    }
    expect(Object.values(report).filter((value) => typeof value === "object")).toEqual([]);
    expect(report).toMatchObject({
      quick: true,
      planCombinations: 2_000,
      pipelineCombinations: 216,
      joinSeconds: 3,
      endToEnd27InsteadSampled: 2,
    });
    // Both operands of a ratio are reported as well.
    const { joinVsCopy, joinCpuMs, copyCpuMs } = report as Record<string, number>;
    expect(joinVsCopy).toBeCloseTo((joinCpuMs ?? NaN) / (copyCpuMs ?? NaN), 1);
  });
});

describe("npm run bench -- --only", () => {
  it.each([
    [["clip"], [BENCHMARKS.clip]],
    [
      ["joinVsCopy", "estimates"],
      [BENCHMARKS.joining, BENCHMARKS.estimates],
    ],
    [["million"], [BENCHMARKS.million]],
    [[], Object.values(BENCHMARKS).filter(({ apart }) => !apart)],
  ])("%j selects by the names of benchmarks and of figures", (only, expected) =>
    expect(choose(only)).toEqual(expected),
  );

  it("lists the names for an unknown one", async () => {
    const failure = await bench("--only", "joinning").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 2, stdout: "" });
    expect((failure as { stderr: string }).stderr).toMatch(/no benchmark or figure joinning.*joining, soundtracks/);
  });
});

it("has distinct figure names across benchmarks", () => {
  const names = Object.values(BENCHMARKS).flatMap(({ figures }) => Object.keys(figures));
  expect(names).toEqual([...new Set(names)]);
});
