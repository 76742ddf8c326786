import type { Format, ScopeEstimate } from "@polyreel/contract";
import { framesToSeconds } from "@polyreel/media/clip";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { classOf } from "@polyreel/parts/costs";
import { PolyreelError } from "@polyreel/platform";
import { Assembler } from "../plan/assemble.js";
import { type Blueprint, needsOfPicked } from "../plan/blueprint.js";
import type { ClipPart, Encoders } from "../plan/clips.js";
import type { VoiceNeed } from "../plan/needs.js";
import type { Knowledge } from "../plan/resolved-inputs.js";
import type { Selected, Selection } from "../plan/selection.js";
import { CertainFailures, type PartialKnowledge } from "./certain-failures.js";
import { type FailureCount, FailureCounts } from "./failure-counts.js";
import { inTurns } from "./in-turns.js";
import { inputFaults } from "./input-faults.js";
import { markFaults } from "./mark-faults.js";
import { joinFaults, renditionsAbout } from "./renditions-about.js";
import { ScopeCounts } from "./scope-counts.js";

/** A part that combinations share. */
export interface PartTally {
  /** Number of combinations that use it. */
  uses: number;
  /** Class of its measurements, see `MeasuredRecord`. */
  readonly name: string;
  readonly seconds: number;
  /** Pixels of all its frames, in millions; of clips and renditions only. */
  readonly megapixels: number;
  /** Expected size, if settings determine it. */
  readonly sizeBytes?: number;
}

/** A number of things, and their total length. */
export interface Sum {
  readonly count: number;
  readonly seconds: number;
}

/** The distinct parts of some combinations, by hash. */
export interface Tally {
  /** Number of combinations examined, and of those that can be planned. */
  readonly seen: number;
  readonly planned: number;
  readonly clips: ReadonlyMap<string, PartTally>;
  readonly sounds: ReadonlyMap<string, PartTally>;
  /** If counted without planning: the number of distinct ones, and of their uses. Then `sounds` has only a few of them. */
  readonly soundtracks?: { readonly distinct: Sum; readonly uses: Sum };
  readonly voices: ReadonlyMap<string, PartTally>;
  readonly renditions: ReadonlyMap<string, PartTally>;
  /** How often the operations of outputs that are made by renditions are applied. */
  readonly scopes: readonly ScopeEstimate[];
  /** Of planned combinations together. */
  readonly seconds: number;
  /** Number of combinations that fail whatever the unknown inputs are, and why, most frequent first. */
  readonly failing: number;
  readonly failures: readonly FailureCount[];
}

/** Plans combinations as the planner would, and counts their parts. */
export async function tallyOf(
  blueprint: Blueprint,
  selection: Selection,
  context: { knowledge: PartialKnowledge; encoders: Encoders; signal: AbortSignal },
): Promise<Tally> {
  await selection.prepare(context.signal);
  return inTurns(tally(blueprint, selection.combinations(), context), context.signal);
}

/** Number of combinations tried to find a valid one. */
const FIRST_TRIED = 100;

/** The first valid combination: undefined if none of the first hundred is. */
export async function firstTallyOf(
  blueprint: Blueprint,
  selection: Selection,
  context: { knowledge: PartialKnowledge; encoders: Encoders; signal: AbortSignal },
): Promise<Tally | undefined> {
  await selection.prepare(context.signal);
  let tried = 0;
  for (const picked of selection.combinations()) {
    if (++tried > FIRST_TRIED) return undefined;
    const single = await inTurns(tally(blueprint, [picked], context), context.signal);
    if (single.planned > 0) return single;
  }
  return undefined;
}

function* tally(
  blueprint: Blueprint,
  combinations: Iterable<Selected>,
  { knowledge, encoders }: { knowledge: PartialKnowledge; encoders: Encoders },
): Generator<void, Tally> {
  const clips = new Map<string, PartTally>();
  const sounds = new Map<string, PartTally>();
  const voices = new Map<string, PartTally>();
  const renditions = new Map<string, PartTally>();
  const scopes = new ScopeCounts(blueprint.batch.outputs);
  const failures = new FailureCounts();
  const certain = new CertainFailures(blueprint, knowledge, encoders);
  const { needs } = blueprint;
  const totals = { seen: 0, planned: 0, seconds: 0 };
  const assembler = new Assembler(blueprint, knowledge, encoders);
  const unusable = markFaults(blueprint, knowledge);
  for (const picked of combinations) {
    yield;
    totals.seen++;
    for (const need of needsOfPicked(blueprint, picked)) {
      if (need.kind === "voice") count(voices, ...voiceAbout(need, knowledge));
    }
    try {
      const assembly = assembler.assemble(picked);
      const { clips: used, sound, frames } = assembly;
      totals.planned++;
      const format = blueprint.stages[picked.canvas]?.format;
      const [need] = needs[0]?.[picked.positions[0] ?? 0] ?? [];
      for (const [hash, about] of renditionsAbout(assembly, need, knowledge)) count(renditions, hash, about);
      scopes.add(assembly);
      if (!format) {
        failures.addOutputs(inputFaults(blueprint, picked, knowledge));
        continue;
      }
      failures.addOutputs([...unusable, ...joinFaults(blueprint.batch.outputs, assembly, format)]);
      for (const clip of used) count(clips, clip.hash, clipAbout(clip, format));
      const seconds = framesToSeconds(frames, format);
      if (sound) count(sounds, sound.hash, { name: "sound", seconds, megapixels: 0 });
      totals.seconds += seconds;
    } catch (error) {
      if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
      const failure = certain.of(picked, error);
      if (failure) failures.add(failure);
    }
  }
  const failed = { failing: failures.failing, failures: failures.list };
  return { ...totals, clips, sounds, voices, renditions, scopes: scopes.list, ...failed };
}

export type About = Omit<PartTally, "uses">;

export function clipAbout({ frames, recipe }: Pick<ClipPart, "frames" | "recipe">, format: Format): About {
  const megapixels = (frames * format.width * format.height) / 1e6;
  return { name: classOf({ recipe }), seconds: framesToSeconds(frames, format), megapixels };
}

/** The hash of a line's part, and how long the line is, as far as they are known. */
export function voiceAbout(need: VoiceNeed, knowledge: Knowledge): [hash: string, about: About] {
  const speech = knowledge.speech(need);
  const { hash, samples } = speech && !(speech instanceof PolyreelError) ? speech : { hash: need.line, samples: 0 };
  return [hash, { name: need.recording ? "voice recording" : "voice", seconds: samples / SAMPLE_RATE, megapixels: 0 }];
}

function count(parts: Map<string, PartTally>, hash: string, about: About): void {
  const known = parts.get(hash);
  if (known) known.uses++;
  else parts.set(hash, { ...about, uses: 1 });
}
