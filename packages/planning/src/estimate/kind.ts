import { create } from "@bufbuild/protobuf";
import { type PartEstimate, PartEstimateSchema } from "@polyreel/contract";
import type { Costs, Priced } from "./cost.js";
import { estimatedDistinct } from "./distinct.js";
import type { PartTally, Sum } from "./tally.js";

/** What is there of a kind of parts: by hash, the payload's bytes; 0 where another batch would make it. */
export type There = ReadonlyMap<string, number>;

type Parts = ReadonlyMap<string, PartTally>;

/** The distinct parts of a kind together. Costs in core seconds. */
export interface Kind {
  readonly estimate: PartEstimate;
  readonly cost: number;
  /** Of those that are still to be made, as is what follows. */
  readonly missingCost: number;
  readonly missingSeconds: number;
  readonly missingBytes: number;
  /** Of the one that takes longest. */
  readonly longestCost: number;
}

/** Of parts that were met; where only a share of the combinations was seen, scaled to as many as there seem to be. */
export function kindOf(
  parts: Parts,
  { there, share, costs, bytes }: { there: There; share: number; costs: Costs; bytes: (part: Priced) => number },
): Kind {
  const distinct = Math.round(estimatedDistinct(parts.values(), share));
  const scale = parts.size > 0 ? distinct / parts.size : 0;
  const missing = [...parts].flatMap(([hash, part]) => (there.has(hash) ? [] : [part]));
  const total = (of: (part: PartTally) => number) => sum(missing, of) * scale;
  return {
    estimate: create(PartEstimateSchema, {
      distinct: BigInt(distinct),
      there: BigInt(Math.round((parts.size - missing.length) * scale)),
      measured: BigInt(costs.measured(namesOf(parts))),
      about: share < 1,
    }),
    cost: sum(parts.values(), costs.seconds) * scale,
    missingCost: total(costs.seconds),
    missingSeconds: total(({ seconds }) => seconds),
    missingBytes: total(bytes),
    longestCost: missing.reduce((longest, part) => Math.max(longest, costs.seconds(part)), 0),
  };
}

/** Of soundtracks that were counted, of which a few are known: they tell how many of all are there. */
export function countedKind(distinct: Sum, few: Parts, there: There, costs: Costs): Kind {
  const missing = few.size > 0 ? [...few.keys()].filter((hash) => !there.has(hash)).length / few.size : 1;
  const cost = costOfSounds(distinct, costs);
  return {
    estimate: create(PartEstimateSchema, {
      distinct: BigInt(distinct.count),
      there: BigInt(Math.round(distinct.count * (1 - missing))),
      measured: BigInt(distinct.count > 0 ? costs.measured(["sound"]) : 0),
      about: few.size < distinct.count,
    }),
    cost,
    missingCost: cost * missing,
    missingSeconds: distinct.seconds * missing,
    missingBytes: costs.bytes(soundOf(distinct.seconds)) * missing,
    longestCost: missing > 0 && distinct.count > 0 ? cost / distinct.count : 0,
  };
}

/** Of soundtracks: what they cost grows with their length, so the mean tells of all. */
export const costOfSounds = ({ count, seconds }: Sum, costs: Costs): number =>
  count > 0 ? count * costs.seconds(soundOf(seconds / count)) : 0;

export const soundOf = (seconds: number): Priced => ({ name: "sound", seconds, megapixels: 0 });

/** What clips weigh: by those of the batch's own that are there, else as such clips do. */
export function clipBytes(clips: Parts, there: There, costs: Costs): (part: Priced) => number {
  let bytes = 0;
  let pixels = 0;
  for (const [hash, { megapixels }] of clips) {
    const its = there.get(hash);
    if (!its) continue;
    bytes += its;
    pixels += megapixels;
  }
  return pixels > 0 ? ({ megapixels }) => (bytes / pixels) * megapixels : costs.bytes;
}

/** Bytes that all uses of these parts come to: as they lie in the store, else as guessed. */
export function bytesOfUses(parts: Parts, there: There, guess: (part: Priced) => number): number {
  let bytes = 0;
  for (const [hash, part] of parts) bytes += part.uses * (there.get(hash) || guess(part));
  return bytes;
}

/** What all uses of these parts would cost, each made anew. */
export const costOfUses = (parts: Parts, costs: Costs): number =>
  sum(parts.values(), (part) => part.uses * costs.seconds(part));

const namesOf = (parts: Parts): Set<string> => new Set([...parts.values()].map(({ name }) => name));

function sum(parts: Iterable<PartTally>, of: (part: PartTally) => number): number {
  let total = 0;
  for (const part of parts) total += of(part);
  return total;
}
