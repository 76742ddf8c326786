import type { Failure } from "@polyreel/contract";
import { framesToSeconds } from "@polyreel/media/clip/format.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { Assembler } from "../plan/assemble.js";
import { type Blueprint, needsOfPicked } from "../plan/blueprint.js";
import type { Encoders } from "../plan/clips.js";
import type { Knowledge } from "../plan/knowledge.js";
import type { Selection } from "../plan/selection.js";

/** A part that combinations share. */
export interface PartTally {
  /** Combinations that use it. */
  uses: number;
  readonly seconds: number;
  /** Pixels of all its frames, in millions; of clips only. */
  readonly megapixels: number;
}

/** The distinct parts of some combinations, by hash. */
export interface Tally {
  /** Combinations looked at, and those of them that can be planned. */
  readonly seen: number;
  readonly planned: number;
  readonly clips: ReadonlyMap<string, PartTally>;
  readonly sounds: ReadonlyMap<string, PartTally>;
  readonly voices: ReadonlyMap<string, PartTally>;
  /** Of planned combinations together. */
  readonly seconds: number;
  readonly megapixels: number;
  /** Why combinations can't be planned, each reason once. */
  readonly failures: readonly Failure[];
}

const SAMPLE_RATE = 48_000;
/** Others get a turn after so long. */
const TURN_MS = 10;
const MAX_FAILURES = 50;

/** Plans combinations as they would be planned, and counts their parts. */
export async function tallyOf(
  blueprint: Blueprint,
  selection: Selection,
  { knowledge, encoders, signal }: { knowledge: Knowledge; encoders: Encoders; signal: AbortSignal },
): Promise<Tally> {
  await selection.prepare(signal);
  const clips = new Map<string, PartTally>();
  const sounds = new Map<string, PartTally>();
  const voices = new Map<string, PartTally>();
  const failures = new Map<string, Failure>();
  const totals = { seen: 0, planned: 0, seconds: 0, megapixels: 0 };
  const assembler = new Assembler(blueprint, knowledge, encoders);
  let began = performance.now();

  for (const picked of selection.combinations()) {
    signal.throwIfAborted();
    if (performance.now() - began > TURN_MS) {
      await new Promise(setImmediate);
      began = performance.now();
    }
    totals.seen++;
    for (const need of needsOfPicked(blueprint, picked)) {
      if (need.kind !== "voice") continue;
      const speech = knowledge.speech(need);
      const samples = speech instanceof PolyreelError ? 0 : (speech?.samples ?? 0);
      count(voices, need.hash, { seconds: samples / SAMPLE_RATE, megapixels: 0 });
    }
    try {
      const { clips: used, sound, frames } = assembler.assemble(picked);
      const format = blueprint.stages[picked.canvas]?.format;
      if (!format) continue;
      const megapixels = (format.width * format.height) / 1e6;
      for (const { hash, frames: length } of used) {
        count(clips, hash, { seconds: framesToSeconds(length, format), megapixels: length * megapixels });
      }
      const seconds = framesToSeconds(frames, format);
      if (sound) count(sounds, sound.hash, { seconds, megapixels: 0 });
      totals.planned++;
      totals.seconds += seconds;
      totals.megapixels += frames * megapixels;
    } catch (error) {
      if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
      const { block, choice, reason } = error.failure;
      if (failures.size < MAX_FAILURES) failures.set(JSON.stringify([block, choice, reason]), error.failure);
    }
  }
  return { ...totals, clips, sounds, voices, failures: [...failures.values()] };
}

function count(parts: Map<string, PartTally>, hash: string, about: Omit<PartTally, "uses">): void {
  const known = parts.get(hash);
  if (known) known.uses++;
  else parts.set(hash, { ...about, uses: 1 });
}
