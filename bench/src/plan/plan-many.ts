import type { Probe } from "@polyreel/media/probe/parse.js";
import { Assembler } from "@polyreel/planner/plan/assemble.js";
import { blueprintOf } from "@polyreel/planner/plan/blueprint.js";
import type { Knowledge } from "@polyreel/planner/plan/knowledge.js";
import { selectionOf } from "@polyreel/planner/plan/selection.js";
import { FRAME_RATE } from "../scale.js";
import { footageSeconds, largeBatch } from "./large-batch.js";

// A process of its own, whose memory is that of planning alone: `plan-many.js <combinations>` plans the first so many of a
// million, publishes nothing, keeps nothing, and writes what it took as JSON.

const BLOCKS = 6;
const FOOTAGE = "a".repeat(64);
const BED = "b".repeat(64);
const LOOK_EVERY = 1_000;
/** By then the code is compiled and the heap has its size. */
const WARM_UP = 0.1;

export interface Planned {
  readonly combinations: number;
  readonly seconds: number;
  /** Resident memory: the most after the first tenth of the combinations, less what there was then. */
  readonly rssGrowthMegabytes: number;
  readonly rssMegabytes: number;
}

async function planMany(combinations: number): Promise<Planned> {
  const batch = largeBatch(BLOCKS, { footage: FOOTAGE, bed: BED });
  const blueprint = blueprintOf(batch);
  const selection = selectionOf(batch);
  await selection.prepare(new AbortController().signal);
  const encoders = { clip: "bench", sound: "bench", text: "bench" };
  const assembler = new Assembler(blueprint, KNOWLEDGE, encoders);
  const began = performance.now();
  let planned = 0;
  let warm = 0;
  let most = 0;
  for (const picked of selection.combinations()) {
    assembler.assemble(picked);
    if (++planned === Math.round(combinations * WARM_UP)) warm = process.memoryUsage.rss();
    if (planned % LOOK_EVERY === 0 && warm > 0) most = Math.max(most, process.memoryUsage.rss());
    if (planned === combinations) break;
  }
  const seconds = (performance.now() - began) / 1000;
  return { combinations: planned, seconds, rssGrowthMegabytes: (most - warm) / 1e6, rssMegabytes: most / 1e6 };
}

const durationSeconds = footageSeconds(BLOCKS);
const audio = { codec: "aac", channels: 2, sampleRate: 48_000, startSeconds: 0, durationSeconds };
const video = {
  ...{ codec: "h264", width: 360, height: 640, rotationDegrees: 0, frameRate: FRAME_RATE },
  ...{ startSeconds: 0, durationSeconds, still: false },
};
const probe: Probe = { container: "mp4", sizeBytes: 1, durationSeconds, video, audio };
const KNOWLEDGE: Knowledge = {
  source: (need) => ({ sha256: need.kind === "source" ? need.sha256 : FOOTAGE, probe }),
  speech: () => undefined,
};

process.stdout.write(JSON.stringify(await planMany(Number(process.argv[2]))));
