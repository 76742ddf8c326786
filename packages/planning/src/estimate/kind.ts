import { create } from "@bufbuild/protobuf";
import { type PartEstimate, PartEstimateSchema } from "@polyreel/contract";
import type { Costs, Priced } from "./cost.js";
import { estimatedDistinct } from "./distinct.js";
import type { PartTally, Sum } from "./tally.js";

/** Existing parts of a kind: payload bytes by hash; 0 if another batch would make it. */
export type Existing = ReadonlyMap<string, number>;

type Parts = ReadonlyMap<string, PartTally>;

/** Totals over the distinct parts of a kind. Costs in core seconds. */
export interface Kind {
  readonly estimate: PartEstimate;
  readonly cost: number;
  /** Of those still to be made, like the following. */
  readonly missingCost: number;
  readonly missingSeconds: number;
  readonly missingBytes: number;
  /** Cost of the most expensive one. */
  readonly longestCost: number;
}

/** Totals of the parts found; if only a share of the combinations was planned, extrapolated to the estimated number. */
export function kindOf(
  parts: Parts,
  {
    existing,
    share,
    costs,
    bytes,
  }: { existing: Existing; share: number; costs: Costs; bytes: (part: PartTally) => number },
): Kind {
  const distinct = Math.round(estimatedDistinct(parts.values(), share));
  const scale = parts.size > 0 ? distinct / parts.size : 0;
  const missing = [...parts].flatMap(([hash, part]) => (existing.has(hash) ? [] : [part]));
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

/** Totals of counted soundtracks, of which a few are known: the share of existing ones is extrapolated from them. */
export function countedKind(distinct: Sum, few: Parts, existing: Existing, costs: Costs): Kind {
  const missing = few.size > 0 ? [...few.keys()].filter((hash) => !existing.has(hash)).length / few.size : 1;
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

/** Cost of soundtracks: it is linear in their length, so the mean suffices. */
export const costOfSounds = ({ count, seconds }: Sum, costs: Costs): number =>
  count > 0 ? count * costs.seconds(soundOf(seconds / count)) : 0;

export const soundOf = (seconds: number): Priced => ({ name: "sound", seconds, megapixels: 0 });

/** Sizes of clips: by those of the batch's own that exist, or else by defaults. */
export function clipBytes(clips: Parts, existing: Existing, costs: Costs): (part: Priced) => number {
  let bytes = 0;
  let pixels = 0;
  for (const [hash, { megapixels }] of clips) {
    const sizeBytes = existing.get(hash);
    if (!sizeBytes) continue;
    bytes += sizeBytes;
    pixels += megapixels;
  }
  return pixels > 0 ? ({ megapixels }) => (bytes / pixels) * megapixels : costs.bytes;
}

/** Total bytes of all uses of these parts: actual sizes in the store, otherwise guesses. */
export function bytesOfUses(parts: Parts, existing: Existing, guess: (part: PartTally) => number): number {
  let bytes = 0;
  for (const [hash, part] of parts) bytes += part.uses * (existing.get(hash) || guess(part));
  return bytes;
}

/** Total cost if each use were made separately. */
export const costOfUses = (parts: Parts, costs: Costs): number =>
  sum(parts.values(), (part) => part.uses * costs.seconds(part));

const namesOf = (parts: Parts): Set<string> => new Set([...parts.values()].map(({ name }) => name));

function sum(parts: Iterable<PartTally>, of: (part: PartTally) => number): number {
  let total = 0;
  for (const part of parts) total += of(part);
  return total;
}
