import { create } from "@bufbuild/protobuf";
import { type EstimateBatchResponse, EstimateBatchResponseSchema } from "@polyreel/contract";
import { type Costs, HEADER_BYTES, HEADER_BYTES_A_SECOND, type Priced } from "./cost.js";
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
  readonly costs: Costs;
}

/** The figures of an estimate; pure. */
export function figuresOf({ combinations, tally, there, cores, costs }: Counted): EstimateBatchResponse {
  const share = combinations > 0 ? tally.seen / combinations : 1;
  const clips = kindOf(tally.clips, there.clips, share, costs);
  const sounds = tally.soundtracks
    ? countedOf(tally.soundtracks.distinct, tally.sounds, there.sounds, costs)
    : kindOf(tally.sounds, there.sounds, share, costs);
  const voices = kindOf(tally.voices, there.voices, share, costs);
  const scale = tally.seen > 0 ? combinations / tally.seen : 0;
  const planned = tally.planned * scale;
  const soundBytes = tally.soundtracks
    ? costs.bytes(soundOf(tally.soundtracks.uses.seconds))
    : bytesOf(tally.sounds, there.sounds, costs.bytes);
  const clipBytes = bytesOf(tally.clips, there.clips, bytesLike(tally.clips, there.clips) ?? costs.bytes);
  const headerBytes = tally.planned * HEADER_BYTES + tally.seconds * HEADER_BYTES_A_SECOND;
  const outputBytes = scale * (clipBytes + soundBytes + headerBytes);
  const joining = costs.combinations(planned, outputBytes);
  // One by one, every combination encodes its own picture and sound; the joining is the same.
  const usesCost = (parts: ReadonlyMap<string, PartTally>) =>
    scale * sum(parts, (part) => part.uses * costs.seconds(part));
  const soundUses = tally.soundtracks ? costOf(tally.soundtracks.uses, costs) : usesCost(tally.sounds);
  const oneByOne = usesCost(tally.clips) + soundUses;
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
function kindOf(parts: ReadonlyMap<string, PartTally>, there: There, share: number, costs: Costs) {
  const distinct = Math.round(estimatedDistinct(parts.values(), share));
  const scale = parts.size > 0 ? distinct / parts.size : 0;
  const missing = [...parts].filter(([hash]) => !there.has(hash));
  return {
    estimate: { distinct: BigInt(distinct), there: BigInt(Math.round((parts.size - missing.length) * scale)) },
    cost: sum(parts, costs.seconds) * scale,
    missingCost: sum(missing, costs.seconds) * scale,
    missingSeconds: sum(missing, ({ seconds }) => seconds) * scale,
  };
}

/** Of soundtracks that were counted, of which a few are known: they tell how many of all are there. */
function countedOf(distinct: Sum, few: ReadonlyMap<string, PartTally>, there: There, costs: Costs) {
  const missing = few.size > 0 ? [...few.keys()].filter((hash) => !there.has(hash)).length / few.size : 1;
  const cost = costOf(distinct, costs);
  return {
    estimate: { distinct: BigInt(distinct.count), there: BigInt(Math.round(distinct.count * (1 - missing))) },
    cost,
    missingCost: cost * missing,
  };
}

/** Of soundtracks: what they cost grows with their length, so the mean tells of all. */
const costOf = ({ count, seconds }: Sum, costs: Costs): number =>
  count > 0 ? count * costs.seconds(soundOf(seconds / count)) : 0;

const soundOf = (seconds: number): Priced => ({ name: "sound", seconds, megapixels: 0 });

/** Bytes by those of the batch's own clips that are there; undefined where none is. */
function bytesLike(clips: ReadonlyMap<string, PartTally>, there: There): ((part: Priced) => number) | undefined {
  let bytes = 0;
  let pixels = 0;
  for (const [hash, { megapixels }] of clips) {
    const its = there.get(hash);
    if (!its) continue;
    bytes += its;
    pixels += megapixels;
  }
  return pixels > 0 ? ({ megapixels }) => (bytes / pixels) * megapixels : undefined;
}

/** Bytes that all uses of these parts come to: as they lie in the store, else as guessed. */
function bytesOf(parts: ReadonlyMap<string, PartTally>, there: There, guess: (part: Priced) => number): number {
  let bytes = 0;
  for (const [hash, part] of parts) bytes += part.uses * (there.get(hash) || guess(part));
  return bytes;
}

function sum(parts: Iterable<readonly [string, PartTally]>, of: (part: PartTally) => number): number {
  let total = 0;
  for (const [, part] of parts) total += of(part);
  return total;
}
