import { create } from "@bufbuild/protobuf";
import { type Batch, type Failure, SampleMethod, SampleSchema } from "@polyreel/contract";
import type { PartStore } from "@polyreel/parts";
import type { Store } from "@polyreel/platform/blobs";
import { hasInputs, renditionTypeOf } from "@polyreel/spec";
import type { EngineCharacters } from "../plan/billed-characters.js";
import { type Blueprint, blueprintOf, needsInOrder } from "../plan/blueprint.js";
import type { Encoders } from "../plan/clips.js";
import type { Knowledge } from "../plan/resolved-inputs.js";
import { selectionOf } from "../plan/selection.js";
import type { ListedVoices } from "../plan/voice-part.js";
import { countedTally } from "./arithmetic/arithmetic-tally.js";
import { knownNow, type OpenStored } from "./known-now.js";
import type { Probes } from "./probes.js";
import { firstTallyOf, type Tally, tallyOf } from "./tally.js";

/** Up to this many are planned rather than counted: their failures are then reported as by planning. */
const MADE = 500;
/** Number of counted soundtracks that are looked up in the store. */
const SOUNDTRACKS_LOOKED_UP = 64;
/** Number that is planned in about a second. */
const MAX_PLANNED = 25_000;

export interface CountingContext {
  /** Of the batch's tenant. */
  readonly store: Store;
  readonly parts: PartStore;
  readonly encoders: Encoders;
  /** The batches that one continues, oldest first, normalised. */
  readonly earlier: (batch: Batch, store: Store) => Promise<readonly Batch[]>;
  /** The voices that lines would be planned for; undefined if no speech service lists them. Called only for voice lines. */
  readonly listVoices: (signal: AbortSignal) => Promise<ListedVoices | undefined>;
  readonly probesOf: Probes;
  readonly openSource?: OpenStored;
  readonly signal: AbortSignal;
  /** Combinations planned for an estimate; of more that cannot be counted, a sample of this size. */
  readonly maxPlanned?: number;
}

/** The parts of a batch, as far as its inputs are known. */
export interface CountedParts {
  readonly combinations: number;
  readonly tally: Tally;
  /** Of the first valid combination. */
  readonly first: Tally | undefined;
  readonly unknown: readonly Failure[];
  /** What providers of voices charge for. */
  readonly billed: readonly EngineCharacters[];
  readonly blueprint: Blueprint;
  readonly knowledge: Knowledge;
}

/** Counts them by arithmetic, or plans all combinations if they are few; otherwise plans a random sample. */
export async function countParts(
  batch: Batch,
  {
    earlier: earlierOf,
    store,
    parts,
    listVoices,
    probesOf,
    openSource,
    encoders,
    signal,
    maxPlanned = MAX_PLANNED,
  }: CountingContext,
): Promise<CountedParts> {
  const earlier = await earlierOf(batch, store);
  const selection = selectionOf(batch, earlier);
  const combinations = await selection.count(signal);
  const blueprint = blueprintOf(batch);
  const needs = needsInOrder(blueprint);
  const voices = needs.some(({ kind }) => kind === "voice") ? await listVoices(signal) : undefined;
  const knowledge = await knownNow(blueprint, { store, parts, voices, probesOf, openSource, signal });
  const context = { knowledge, encoders, signal };
  const isCountable = !hasInputs(batch) && !batch.outputs.some((output) => renditionTypeOf(output));
  const isWhole = batch.where.length === 0 && !batch.sample && earlier.length === 0 && isCountable;
  const counted = isWhole && combinations > MADE ? await countedTally(blueprint, context) : undefined;
  // A smaller sample of the same seed and method is a subset of the larger one. What is found in a random one can be
  // extrapolated to all.
  const { seed, method } = batch.sample ?? { seed: 0n, method: SampleMethod.RANDOM };
  const some = (count: number) =>
    selectionOf({ ...batch, sample: create(SampleSchema, { count: BigInt(count), seed, method }) }, earlier);
  const limit = counted ? SOUNDTRACKS_LOOKED_UP : maxPlanned;
  const looked = combinations > limit ? some(limit) : selection;
  const made = await tallyOf(blueprint, looked, context);
  const tally = counted ? { ...counted, sounds: made.sounds } : made;
  // The first of a sample is known only when all of it is drawn: that of the smaller one is similar.
  const first = await firstTallyOf(blueprint, batch.sample ? looked : selection, context);
  return { combinations, tally, first, unknown: knowledge.unknown, billed: knowledge.billed, blueprint, knowledge };
}
