import { create } from "@bufbuild/protobuf";
import { type EstimateBatchResponse, EstimateBatchResponseSchema, FailureEstimateSchema } from "@polyreel/contract";
import { type Costs, HEADER_BYTES, HEADER_BYTES_A_SECOND } from "./cost.js";
import {
  bytesOfUses,
  clipBytes,
  costOfSounds,
  costOfUses,
  countedKind,
  type Existing,
  type Kind,
  kindOf,
  soundOf,
} from "./kind.js";
import type { OutputMix } from "./output-mix.js";
import type { PartTally, Tally } from "./tally.js";

export interface Counted {
  /** Number of combinations of the batch; the tally may cover only some of them. */
  readonly combinations: number;
  readonly tally: Tally;
  /** The first valid combination; undefined: none. */
  readonly first: Tally | undefined;
  /** Of both. */
  readonly existing: ExistingByKind;
  readonly outputs: OutputMix;
  /** Decoded sound that soundtracks need and that is not cached yet. */
  readonly decodedBytes: number;
  readonly cores: number;
  readonly costs: Costs;
}

export interface ExistingByKind {
  readonly clips: Existing;
  readonly sounds: Existing;
  readonly voices: Existing;
  readonly renditions: Existing;
}

/** The figures of an estimate; pure. */
export function figuresOf(counted: Counted): EstimateBatchResponse {
  const { combinations, tally, existing, first, outputs, decodedBytes, cores, costs } = counted;
  const share = combinations > 0 ? tally.seen / combinations : 1;
  const scale = tally.seen > 0 ? combinations / tally.seen : 0;
  const kinds = kindsOf(tally, existing, share, costs);
  const { clips, sounds, voices, renditions } = kinds;
  const videoBytes = scale * outputBytesOf(tally, existing, costs);
  const encoding = missing(kinds, ({ missingCost }) => missingCost);
  const renditionBytes = scale * bytesOfUses(tally.renditions, existing.renditions, renditionSize(costs));
  const delivering = costs.combinations(tally.planned * scale, videoBytes);
  // Without sharing, every combination encodes its own picture and sound; the joining is the same.
  const soundUses = tally.soundtracks
    ? costOfSounds(tally.soundtracks.uses, costs)
    : scale * costOfUses(tally.sounds, costs);
  const oneByOne = scale * costOfUses(tally.clips, costs) + soundUses;
  const shared = clips.cost + sounds.cost;
  return create(EstimateBatchResponseSchema, {
    combinations: BigInt(combinations),
    clips: clips.estimate,
    voices: voices.estimate,
    soundtracks: sounds.estimate,
    renditions: renditions.estimate,
    scopes: [...tally.scopes],
    combinationSeconds: tally.seconds * scale,
    clipSeconds: clips.missingSeconds,
    outputBytes: wholeBytes(outputs.videos * videoBytes + renditionBytes),
    writtenBytes: wholeBytes(outputs.written * videoBytes + outputs.writtenShare * renditionBytes),
    storeBytes: wholeBytes(missing(kinds, ({ missingBytes }) => missingBytes) + decodedBytes),
    encodeCoreSeconds: encoding,
    predictedSeconds: wallSeconds(kinds, delivering, cores),
    firstVideoSeconds: first ? firstVideoSeconds(first, counted) : 0,
    saving: shared > 0 ? oneByOne / shared : 1,
    cores,
    measuredCombinations: BigInt(costs.measuredCombinations),
    drawn: BigInt(share < 1 ? tally.seen : 0),
    ...failureEstimates(tally, { scale, about: share < 1 }),
  });
}

/** Reported reasons, the most frequent ones. */
const MAX_FAILURES = 100;

function failureEstimates(
  { failing, failures }: Pick<Tally, "failing" | "failures">,
  { scale, about }: { scale: number; about: boolean },
): Pick<EstimateBatchResponse, "failing" | "failures"> {
  const scaled = (combinations: number) => BigInt(Math.round(combinations * scale));
  return {
    failing: scaled(failing),
    failures: failures
      .slice(0, MAX_FAILURES)
      .map(({ failure, combinations }) =>
        create(FailureEstimateSchema, { failure, combinations: scaled(combinations), about }),
      ),
  };
}

type Kinds = Record<"clips" | "sounds" | "voices" | "renditions", Kind>;

const missing = (kinds: Kinds, of: (kind: Kind) => number): number =>
  Object.values(kinds).reduce((sum, kind) => sum + of(kind), 0);

/** Of renditions: as their settings determine, or else by the pixels to encode. */
const renditionSize = (costs: Costs) => (part: PartTally) => part.sizeBytes ?? costs.bytes(part);

function kindsOf(tally: Tally, existing: ExistingByKind, share: number, costs: Costs): Kinds {
  const { clips, sounds, voices, renditions, soundtracks } = tally;
  const of = { share, costs, bytes: costs.bytes };
  return {
    clips: kindOf(clips, { ...of, existing: existing.clips, bytes: clipBytes(clips, existing.clips, costs) }),
    sounds: soundtracks
      ? countedKind(soundtracks.distinct, sounds, existing.sounds, costs)
      : kindOf(sounds, { ...of, existing: existing.sounds }),
    voices: kindOf(voices, { ...of, existing: existing.voices }),
    renditions: kindOf(renditions, { ...of, existing: existing.renditions, bytes: renditionSize(costs) }),
  };
}

/** Of the combinations in the tally: their parts and headers. */
function outputBytesOf(
  { clips, sounds, soundtracks, planned, seconds }: Tally,
  existing: ExistingByKind,
  costs: Costs,
) {
  const soundBytes = soundtracks
    ? costs.bytes(soundOf(soundtracks.uses.seconds))
    : bytesOfUses(sounds, existing.sounds, costs.bytes);
  const headerBytes = planned * HEADER_BYTES + seconds * HEADER_BYTES_A_SECOND;
  return bytesOfUses(clips, existing.clips, clipBytes(clips, existing.clips, costs)) + soundBytes + headerBytes;
}

/**
 * All cores share the work, but one core makes a part, and a soundtrack waits for its lines: at the end cores are idle,
 * for at most the duration of the longest part (Graham, "Bounds for Certain Multiprocessing Anomalies", 1966).
 */
function wallSeconds(kinds: Kinds, delivering: number, cores: number): number {
  const { clips, sounds, voices, renditions } = kinds;
  const work = missing(kinds, ({ missingCost }) => missingCost) + delivering;
  const longest = Math.max(clips.longestCost, voices.longestCost + sounds.longestCost, renditions.longestCost);
  return work / cores + longest * (1 - 1 / cores);
}

/** Its parts are made first. */
function firstVideoSeconds(first: Tally, { existing, costs, cores }: Counted): number {
  const delivering = costs.combinations(1, outputBytesOf(first, existing, costs));
  return wallSeconds(kindsOf(first, existing, 1, costs), delivering, cores);
}

const wholeBytes = (bytes: number): bigint => BigInt(Math.round(bytes));
