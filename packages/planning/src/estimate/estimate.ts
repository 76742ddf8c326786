import { availableParallelism } from "node:os";
import { create } from "@bufbuild/protobuf";
import { type EstimateBatchRequest, type EstimateBatchResponse, SpeechEstimateSchema } from "@polyreel/contract";
import { clipEncoder, renditionEngine, soundEncoder } from "@polyreel/media/ffmpeg";
import { TEXT_ENGINE } from "@polyreel/media/text";
import { PartStore } from "@polyreel/parts";
import { readMeasured } from "@polyreel/parts/costs";
import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { scopedStore } from "@polyreel/platform/blobs";
import type { ListedVoices } from "../plan/voice-part.js";
import { costsBy } from "./cost.js";
import { type CountedParts, type CountingContext, countParts } from "./count-parts.js";
import { decodedSound } from "./decoded.js";
import { existingByKind, existingOf, NONE_EXISTS } from "./existing-parts.js";
import { type ExistingByKind, figuresOf } from "./figures.js";
import { inTurns } from "./in-turns.js";
import { outputMixOf } from "./output-mix.js";

export interface EstimateDeps extends Omit<CountingContext, "parts" | "encoders" | "listVoices"> {
  /** Of all tenants. */
  readonly store: Store;
  /** See `CountingContext.listVoices`. */
  readonly listVoices: (tenant: string, signal: AbortSignal) => Promise<ListedVoices | undefined>;
}

/** Services whose records contain the costs of parts, joins and deliveries. */
const SERVICES_THAT_MEASURE = ["renderer", "tts", "uploader"];
const MAX_UNKNOWN = 100;

/** Estimates a normalised batch without making anything. Throws PolyreelError `invalid` if it cannot be planned. */
export async function estimate(
  { batch, base, rebuild }: Pick<EstimateBatchRequest, "batch" | "base" | "rebuild">,
  deps: EstimateDeps,
): Promise<EstimateBatchResponse> {
  if (!batch) throw new PolyreelError("invalid", { field: "batch", reason: "The request has no batch." });
  const store = scopedStore(deps.store, batch.tenant);
  const context: CountingContext = {
    ...deps,
    store,
    parts: new PartStore(store),
    listVoices: (signal) => deps.listVoices(batch.tenant, signal),
    encoders: {
      clip: await clipEncoder(),
      sound: await soundEncoder(),
      text: TEXT_ENGINE,
      rendition: await renditionEngine(),
    },
  };
  const outputs = outputMixOf(batch);
  const costs = costsBy(await readMeasured(deps.store, SERVICES_THAT_MEASURE), outputs);
  const { combinations, tally, first, unknown, billed, blueprint, knowledge } = await countParts(batch, context);
  const based = base && (await countParts(base, context)).tally;
  const existing = rebuild ? NONE_EXISTS : await existingByKind(first ? [tally, first] : [tally], based, context);
  const figures = figuresOf({
    ...{ combinations, tally, first, existing, outputs, costs, cores: availableParallelism() },
    decodedBytes: await missingDecodedBytes({ tally, existing, blueprint, knowledge }, context),
  });
  figures.unknown = unknown.slice(0, MAX_UNKNOWN);
  figures.speech = billed.map(({ engine, characters, unspoken, perBatch }) =>
    create(SpeechEstimateSchema, {
      ...{ engine, characters: BigInt(characters), unspoken: BigInt(unspoken) },
      charactersPerBatch: BigInt(perBatch),
    }),
  );
  return figures;
}

/** Size of sound to be decoded; 0 if every soundtrack exists. */
async function missingDecodedBytes(
  {
    tally,
    existing,
    blueprint,
    knowledge,
  }: Pick<CountedParts, "tally" | "blueprint" | "knowledge"> & { existing: ExistingByKind },
  { parts, encoders, signal }: CountingContext,
): Promise<number> {
  if ([...tally.sounds.keys()].every((hash) => existing.sounds.has(hash))) return 0;
  const about = { decoder: encoders.sound, meanSeconds: tally.seconds / Math.max(1, tally.planned) };
  const decoded = await inTurns(decodedSound(blueprint, knowledge, about), signal);
  const known = await existingOf("pcm", decoded.keys(), undefined, { parts, signal });
  return [...decoded].reduce((sum, [hash, bytes]) => (known.has(hash) ? sum : sum + bytes), 0);
}
