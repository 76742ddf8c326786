import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { CONTEXT, RESULTS } from "./report/figures.js";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

describe("npm run bench -- --quick --json", () => {
  it("prints one flat object with every figure", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, "--quick", "--json"]);
    const report: Record<string, unknown> = JSON.parse(stdout);
    for (const name of [...Object.keys(RESULTS), ...Object.keys(CONTEXT)]) {
      expect(report[name], name).toSatisfy((value) => Number.isFinite(value));
      if (name !== "planRssGrowthMb") expect(report[name], name).toBeGreaterThan(0);
    }
    expect(Object.values(report).filter((value) => typeof value === "object")).toEqual([]);
    expect(report).toMatchObject({ quick: true, planCombinations: 2_000, joinSeconds: 3, endToEnd27InsteadSampled: 1 });
    // Both sides of a ratio stand beside it.
    const { joinVsCopy, joinCpuMs, copyCpuMs } = report as Record<string, number>;
    expect(joinVsCopy).toBeCloseTo((joinCpuMs ?? NaN) / (copyCpuMs ?? NaN), 1);
  });
});
