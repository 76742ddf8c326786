import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark } from "../benchmark.js";
import type { Workshop } from "../workshop.js";
import type { Planned } from "./plan-many.js";

export const planning: Benchmark = {
  title: "planning",
  figures: {
    planRssGrowthMb: { goal: { atMost: 150 }, unit: "MB", about: "growth of memory while planning" },
    planCombinations: { unit: "", about: "combinations planned" },
    planPerSecond: { unit: "/s", about: "combinations planned a second" },
    planRssMb: { unit: "MB", about: "memory of the planning process" },
  },
  run: benchPlan,
};

/** Plans combinations without telling anybody, in a process of its own. */
async function benchPlan({ scale, signal }: Workshop) {
  const script = fileURLToPath(new URL("./plan-many.js", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(scale.plan.combinations)], { signal });
  const planned: Planned = JSON.parse(stdout);
  return {
    planRssGrowthMb: planned.rssGrowthMegabytes,
    planRssMb: planned.rssMegabytes,
    planCombinations: planned.combinations,
    planPerSecond: planned.combinations / planned.seconds,
  };
}
