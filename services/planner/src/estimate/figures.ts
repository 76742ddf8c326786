import { create } from "@bufbuild/protobuf";
import { type EstimateBatchResponse, EstimateBatchResponseSchema } from "@polyreel/contract";
import {
  BITS_A_PIXEL,
  clipCost,
  combinationCost,
  HEADER_BYTES,
  HEADER_BYTES_A_SECOND,
  SOUND_BYTES_A_SECOND,
  soundCost,
  voiceCost,
} from "./cost.js";
import { estimatedDistinct } from "./distinct.js";
import type { PartTally, Sum, Tally } from "./tally.js";

/** What is there of a kind of parts: by hash, the payload's bytes; 0 where another batch would make it. */
export type There = ReadonlyMap<string, number>;

export interface Counted {
  /** All combinations that the batch makes; the tally may have seen only some of them. */
  readonly combinations: number;
  readonly tally: Tally;
  readonly there: { readonly clips: There; readonly sounds: There; readonly voices: There };
  readonly cores: number;
}

/** The figures of an estimate; pure. */
export function figuresOf({ combinations, tally, there, cores }: Counted): EstimateBatchResponse {
  const share = combinations > 0 ? tally.seen / combinations : 1;
  const clips = kindOf(tally.clips, there.clips, share, clipCost);
  const sounds = tally.soundtracks
    ? countedOf(tally.soundtracks.distinct, tally.sounds, there.sounds)
    : kindOf(tally.sounds, there.sounds, share, soundCost);
  const voices = kindOf(tally.voices, there.voices, share, voiceCost);
  const scale = tally.seen > 0 ? combinations / tally.seen : 0;
  const planned = tally.planned * scale;
  const outputBytes =
    scale *
    (bytesOf(tally.clips, there.clips, bitsAPixel(tally, there.clips)) +
      (tally.soundtracks
        ? tally.soundtracks.uses.seconds * SOUND_BYTES_A_SECOND
        : bytesOf(tally.sounds, there.sounds, 0)) +
      tally.planned * HEADER_BYTES +
      tally.seconds * HEADER_BYTES_A_SECOND);
  const joining = combinationCost(planned, outputBytes);
  // One by one, every combination encodes its own picture and sound; the joining is the same.
  const usesCost = (parts: ReadonlyMap<string, PartTally>, cost: (part: PartTally) => number) =>
    scale * sum(parts, (part) => part.uses * cost(part));
  const soundUses = tally.soundtracks ? costOf(tally.soundtracks.uses) : usesCost(tally.sounds, soundCost);
  const oneByOne = usesCost(tally.clips, clipCost) + soundUses;
  const shared = clips.cost + sounds.cost;
  return create(EstimateBatchResponseSchema, {
    combinations: BigInt(combinations),
    clips: clips.estimate,
    voices: voices.estimate,
    soundtracks: sounds.estimate,
    combinationSeconds: tally.seconds * scale,
    clipSeconds: clips.missingSeconds,
    outputBytes: BigInt(Math.round(outputBytes)),
    predictedSeconds: (clips.missingCost + sounds.missingCost + voices.missingCost + joining) / cores,
    saving: shared > 0 ? oneByOne / shared : 1,
  });
}

/** Sums over a kind's distinct parts; where only a share of the combinations was seen, scaled to as many as there seem to be. */
function kindOf(parts: ReadonlyMap<string, PartTally>, there: There, share: number, cost: (part: PartTally) => number) {
  const distinct = Math.round(estimatedDistinct(parts.values(), share));
  const scale = parts.size > 0 ? distinct / parts.size : 0;
  const missing = [...parts].filter(([hash]) => !there.has(hash));
  return {
    estimate: { distinct: BigInt(distinct), there: BigInt(Math.round((parts.size - missing.length) * scale)) },
    cost: sum(parts, cost) * scale,
    missingCost: sum(missing, cost) * scale,
    missingSeconds: sum(missing, ({ seconds }) => seconds) * scale,
  };
}

/** Of soundtracks that were counted, of which a few are known: they tell how many of all are there. */
function countedOf(distinct: Sum, few: ReadonlyMap<string, PartTally>, there: There) {
  const missing = few.size > 0 ? [...few.keys()].filter((hash) => !there.has(hash)).length / few.size : 1;
  const cost = costOf(distinct);
  return {
    estimate: { distinct: BigInt(distinct.count), there: BigInt(Math.round(distinct.count * (1 - missing))) },
    cost,
    missingCost: cost * missing,
  };
}

/** Of soundtracks: what they cost grows with their length, so the mean tells of all. */
const costOf = ({ count, seconds }: Sum): number => (count > 0 ? count * soundCost({ seconds: seconds / count }) : 0);

/** Of the batch's own clips that are there; of a typical clip where none is. */
function bitsAPixel({ clips }: Tally, there: There): number {
  let bits = 0;
  let pixels = 0;
  for (const [hash, { megapixels }] of clips) {
    const bytes = there.get(hash);
    if (!bytes) continue;
    bits += bytes * 8;
    pixels += megapixels * 1e6;
  }
  return pixels > 0 ? bits / pixels : BITS_A_PIXEL;
}

/** Bytes that all uses of these parts come to: as they lie in the store, else by their pixels and seconds. */
function bytesOf(parts: ReadonlyMap<string, PartTally>, there: There, bits: number): number {
  let bytes = 0;
  for (const [hash, { uses, seconds, megapixels }] of parts) {
    const guessed = megapixels > 0 ? (megapixels * 1e6 * bits) / 8 : seconds * SOUND_BYTES_A_SECOND;
    bytes += uses * (there.get(hash) || guessed);
  }
  return bytes;
}

function sum(parts: Iterable<readonly [string, PartTally]>, of: (part: PartTally) => number): number {
  let total = 0;
  for (const [, part] of parts) total += of(part);
  return total;
}
