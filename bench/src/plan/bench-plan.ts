import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startNatsServer } from "@polyreel/platform/stream";
import type { Benchmark } from "../benchmark.js";
import { usageOf } from "../measure/processes.js";
import type { Workshop } from "../workshop.js";
import type { Planned } from "./plan-many.js";

export const planning: Benchmark = {
  title: "planning",
  figures: {
    planRssGrowthMb: { goal: { atMost: 150 }, unit: "MB", about: "growth of memory while planning and publishing" },
    planCombinations: { unit: "", about: "combinations planned and published" },
    planPublishedPerSecond: { unit: "/s", about: "of them a second" },
    planPublishedCpuMs: { unit: "ms", about: "CPU of one of them" },
    planRssMb: { unit: "MB", about: "memory of the planning process" },
    planPerSecond: { unit: "/s", about: "combinations planned a second without telling them" },
    planStreamBytes: { unit: "", about: "bytes of the stream for one combination" },
    planNatsRssMb: { unit: "MB", about: "memory of the server that keeps them" },
    planSoundtracks: { unit: "", about: "combinations planned and published, each with a soundtrack of its own" },
    planSoundtracksPerSecond: { unit: "/s", about: "of them a second" },
    planSoundtracksRssGrowthMb: { unit: "MB", about: "growth of memory with them" },
  },
  run: benchPlan,
};

/** Plans combinations in a separate process: without publishing, then publishing to a server. */
async function benchPlan({ scale, signal }: Workshop) {
  const { combinations, soundtracks } = scale.plan;
  const quiet = await planMany(combinations, "muted", undefined, signal);
  const published = await withServer((url) => planMany(combinations, "muted", url, signal));
  const kept = await withServer((url) => planMany(soundtracks, "kept", url, signal));
  if (kept.planned.soundtracks !== soundtracks) {
    throw new Error(`${kept.planned.soundtracks} of ${soundtracks} soundtracks were published.`);
  }
  return {
    planRssGrowthMb: published.planned.rssGrowthMegabytes,
    planCombinations: combinations,
    planPublishedPerSecond: combinations / published.planned.seconds,
    planPublishedCpuMs: (published.planned.cpuSeconds * 1000) / combinations,
    planRssMb: published.planned.rssMegabytes,
    planPerSecond: combinations / quiet.seconds,
    planStreamBytes: published.planned.streamBytes / combinations,
    planNatsRssMb: published.natsRssMegabytes,
    planSoundtracks: soundtracks,
    planSoundtracksPerSecond: soundtracks / kept.planned.seconds,
    planSoundtracksRssGrowthMb: kept.planned.rssGrowthMegabytes,
  };
}

/** With a separate, empty server. */
async function withServer(plan: (url: string) => Promise<Planned>) {
  const nats = await startNatsServer();
  try {
    const planned = await plan(nats.url);
    return { planned, natsRssMegabytes: usageOf(nats.pid).rssMegabytes };
  } finally {
    await nats.close();
  }
}

async function planMany(combinations: number, sound: "kept" | "muted", url: string | undefined, signal: AbortSignal) {
  const script = fileURLToPath(new URL("./plan-many.js", import.meta.url));
  const args = [script, String(combinations), sound, ...(url ? [url] : [])];
  const { stdout } = await promisify(execFile)(process.execPath, args, { signal });
  return JSON.parse(stdout) as Planned;
}
