import { availableParallelism } from "node:os";
import { create } from "@bufbuild/protobuf";
import {
  type Batch,
  type EstimateBatchRequest,
  type EstimateBatchResponse,
  type Failure,
  SampleSchema,
} from "@polyreel/contract";
import { clipEncoder, soundEncoder } from "@polyreel/media/ffmpeg/build.js";
import { readMeasured } from "@polyreel/media/measured/notebook.js";
import type { PartKind } from "@polyreel/media/parts/part-kind.js";
import { PartStore } from "@polyreel/media/parts/part-store.js";
import { TEXT_ENGINE } from "@polyreel/media/text/engine.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { scopedStore } from "@polyreel/platform/store/scoped-store.js";
import type { Store } from "@polyreel/platform/store/store.js";
import pLimit from "p-limit";
import { blueprintOf, needsInOrder } from "../plan/blueprint.js";
import type { Encoders } from "../plan/clips.js";
import { selectionOf } from "../plan/selection.js";
import { countedTally } from "./arithmetic/tally.js";
import { costsBy } from "./cost.js";
import { figuresOf, type There } from "./figures.js";
import { knownNow } from "./known-now.js";
import type { Probes } from "./probes.js";
import { type PartTally, type Tally, tallyOf } from "./tally.js";

export interface EstimateDeps {
  /** Of all tenants. */
  readonly store: Store;
  /** The batches that one continues, the oldest first, normalised; `store`: its tenant's. */
  readonly earlier: (batch: Batch, store: Store) => Promise<readonly Batch[]>;
  readonly probesOf: Probes;
  readonly signal: AbortSignal;
  /** Combinations made for an estimate; of more that can't be counted, as many as this are drawn. */
  readonly maxPlanned?: number;
}

/** So few are made rather than counted: their failures are told as planning tells them. */
const MADE = 500;
/** Of soundtracks that were counted, so many are looked up in the store. */
const SOUNDTRACKS_LOOKED_UP = 64;
/** As many as are planned in about a second. */
const MAX_PLANNED = 25_000;
/** Their records tell what parts took here before. */
const SERVICES_THAT_MAKE_PARTS = ["renderer", "tts"];
const LOOKUPS_AT_ONCE = 32;
const MAX_UNKNOWN = 100;

/** What a normalised batch would take and give; nothing is made. Throws PolyreelError `invalid` where it can't be planned. */
export async function estimate(
  { batch, base }: Pick<EstimateBatchRequest, "batch" | "base">,
  deps: EstimateDeps,
): Promise<EstimateBatchResponse> {
  if (!batch) throw new PolyreelError("invalid", { field: "batch", reason: "The request has no batch." });
  const store = scopedStore(deps.store, batch.tenant);
  const context: Context = {
    ...deps,
    store,
    parts: new PartStore(store),
    encoders: { clip: await clipEncoder(), sound: await soundEncoder(), text: TEXT_ENGINE },
  };
  const counted = await countParts(batch, context);
  const based = base && (await countParts(base, context));
  const look = (kind: PartKind, of: (tally: Tally) => ReadonlyMap<string, PartTally>) =>
    thereOf(kind, of(counted.tally), based && of(based.tally), context);
  const [clips, sounds, voices] = await Promise.all([
    look("clip", (tally) => tally.clips),
    look("sound", (tally) => tally.sounds),
    look("voice", (tally) => tally.voices),
  ]);
  const costs = costsBy(await readMeasured(deps.store, SERVICES_THAT_MAKE_PARTS));
  const there = { clips, sounds, voices };
  const figures = figuresOf({ ...counted, there, costs, cores: availableParallelism() });
  figures.unknown = counted.unknown.slice(0, MAX_UNKNOWN);
  return figures;
}

interface Context extends EstimateDeps {
  readonly parts: PartStore;
  readonly encoders: Encoders;
}

async function countParts(
  batch: Batch,
  { earlier: earlierOf, store, parts, probesOf, encoders, signal, maxPlanned = MAX_PLANNED }: Context,
): Promise<{ combinations: number; tally: Tally; unknown: Failure[] }> {
  const earlier = await earlierOf(batch, store);
  const selection = selectionOf(batch, earlier);
  const combinations = await selection.count(signal);
  const blueprint = blueprintOf(batch);
  const knowledge = await knownNow(needsInOrder(blueprint), { store, parts, probesOf, signal });
  const context = { knowledge, encoders, signal };
  const isWhole = batch.where.length === 0 && !batch.sample && earlier.length === 0;
  const counted = isWhole && combinations > MADE ? await countedTally(blueprint, context) : undefined;
  // A smaller sample with the same seed is part of the larger one.
  const some = (count: number) =>
    selectionOf(
      { ...batch, sample: create(SampleSchema, { count: BigInt(count), seed: batch.sample?.seed ?? 0n }) },
      earlier,
    );
  const limit = counted ? SOUNDTRACKS_LOOKED_UP : maxPlanned;
  const made = await tallyOf(blueprint, combinations > limit ? some(limit) : selection, context);
  const tally = counted ? { ...counted, sounds: made.sounds } : made;
  const told = new Set(knowledge.unknown.map(({ block, choice }) => JSON.stringify([block, choice])));
  const others = tally.failures.filter(({ block, choice }) => !told.has(JSON.stringify([block, choice])));
  return { combinations, tally, unknown: [...knowledge.unknown, ...others] };
}

/** Which of these parts lie in the store already, or belong to the base. */
async function thereOf(
  kind: PartKind,
  wanted: ReadonlyMap<string, PartTally>,
  base: ReadonlyMap<string, PartTally> | undefined,
  { parts, signal }: Context,
): Promise<There> {
  const there = new Map<string, number>();
  const atOnce = pLimit(LOOKUPS_AT_ONCE);
  await Promise.all(
    [...wanted.keys()].map((hash) =>
      atOnce(async () => {
        signal.throwIfAborted();
        const index = await parts.index(kind, hash);
        if (index) there.set(hash, Number(index.payloadBytes));
        else if (base?.has(hash)) there.set(hash, 0);
      }),
    ),
  );
  return there;
}
