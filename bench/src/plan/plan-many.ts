import { STREAM } from "@polyreel/contract";
import type { Probe } from "@polyreel/media/probe";
import { PlanPublisher } from "@polyreel/planner";
import {
  Assembler,
  type Blueprint,
  blueprintOf,
  needsInOrder,
  ResolvedInputs,
  type Selection,
  selectionOf,
  targetsOf,
} from "@polyreel/planning/plan";
import { createLog } from "@polyreel/platform/runtime";
import { connectNats, createPublisher, openStream } from "@polyreel/platform/stream";
import { createTelemetry } from "@polyreel/platform/telemetry";
import { FRAME_RATE } from "../scale.js";
import { footageSeconds, largeBatch } from "./large-batch.js";

// Run as a separate process, so that its memory is that of planning alone: `plan-many.js <combinations> <kept|muted>
// [<NATS URL>]` plans the first combinations of a million, publishes them if there is a URL, keeps nothing, and prints its
// measurements as JSON. With kept clip sound each combination has a distinct soundtrack.

const BLOCKS = 6;
const FOOTAGE = "a".repeat(64);
const BED = "b".repeat(64);
const BATCH_ID = "bench";
const STREAM_MAX_BYTES = 16 * 2 ** 30;
const ENCODERS = { clip: "bench", sound: "bench", text: "bench", rendition: "r" };
const LOOK_EVERY = 1_000;
/** By then the code is compiled and the heap has its size. */
const WARM_UP = 0.1;

export interface Planned {
  readonly combinations: number;
  readonly soundtracks: number;
  /** Afterwards; 0 without publishing. */
  readonly streamBytes: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Resident memory: the peak after the first tenth of the combinations, less its value then. */
  readonly rssGrowthMegabytes: number;
  readonly rssMegabytes: number;
}

const [, , count, sound, url] = process.argv;
const { signal } = new AbortController();
const combinations = Number(count);
const batch = largeBatch(BLOCKS, { footage: FOOTAGE, bed: BED, keepSound: sound === "kept" });
const blueprint = blueprintOf(batch);
const knowledge = knowing(blueprint);
const selection = selectionOf(batch);
await selection.prepare(signal);
const memory = { warm: 0, most: 0 };
const planned = await measured(url ? () => planAndPublish(url) : async () => plan());

async function measured(work: () => Promise<FactMessage>): Promise<Planned> {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const made = await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    combinations,
    ...made,
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: (user + system) / 1e6,
    rssGrowthMegabytes: (memory.most - memory.warm) / 1e6,
    rssMegabytes: memory.most / 1e6,
  };
}

type FactMessage = Pick<Planned, "soundtracks" | "streamBytes">;

/** Plans without publishing; soundtracks are not counted. */
function plan(): FactMessage {
  const assembler = new Assembler(blueprint, knowledge, ENCODERS);
  for (const picked of some()) assembler.assemble(picked);
  return { soundtracks: 0, streamBytes: 0 };
}

/** Plans and publishes like the planner. */
async function planAndPublish(natsUrl: string): Promise<FactMessage> {
  const telemetry = await createTelemetry("bench", {});
  const connection = await connectNats({ url: natsUrl, name: "bench", log: createLog("bench", "silent") });
  try {
    const stream = await openStream(connection, { maxBytes: STREAM_MAX_BYTES });
    const publisher = createPublisher(stream);
    const targets = targetsOf(blueprint.batch, BATCH_ID, []);
    const context = { batchId: BATCH_ID, attempt: 1, targets, publisher, telemetry, links: [], signal };
    const planPublisher = new PlanPublisher(blueprint, { combinations: some }, knowledge, ENCODERS, context);
    await planPublisher.publishWave();
    const { state } = await stream.manager.streams.info(STREAM);
    return { soundtracks: Number(planPublisher.totals.soundtracks), streamBytes: state.bytes };
  } finally {
    await connection.drain();
    await telemetry.close();
  }
}

/** The first ones, sampling memory periodically. */
function* some(): ReturnType<Selection["combinations"]> {
  let planned = 0;
  for (const picked of selection.combinations()) {
    yield picked;
    if (++planned === Math.round(combinations * WARM_UP)) memory.warm = process.memoryUsage.rss();
    if (planned % LOOK_EVERY === 0 && memory.warm > 0) memory.most = Math.max(memory.most, process.memoryUsage.rss());
    if (planned === combinations) return;
  }
}

function knowing(of: Blueprint): ResolvedInputs {
  const durationSeconds = footageSeconds(BLOCKS);
  const audio = { codec: "aac", channels: 2, sampleRate: 48_000, startSeconds: 0, durationSeconds };
  const video = {
    ...{ codec: "h264", width: 360, height: 640, rotationDegrees: 0, frameRate: FRAME_RATE },
    ...{ startSeconds: 0, durationSeconds, still: false },
  };
  const probe: Probe = { container: "mp4", sizeBytes: 1, durationSeconds, video, audio };
  const all = new ResolvedInputs();
  for (const need of needsInOrder(of)) {
    all.learn(need, { sha256: need.kind === "source" ? need.sha256 : FOOTAGE, probe });
  }
  all.nextWave();
  return all;
}

process.stdout.write(JSON.stringify(planned));
