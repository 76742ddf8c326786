import type { RequestedKind } from "@polyreel/contract";
import {
  deliveryClass,
  JOIN,
  kindOfClass,
  type MeasuredRecord,
  ofKind,
  PICTURE,
  type Sums,
} from "@polyreel/parts/costs";
import { partKinds } from "@polyreel/parts/kinds";
import { costOn, type Line, lineThrough } from "./line.js";
import type { OutputMix } from "./output-mix.js";
import type { PartTally } from "./tally.js";

/** What making parts and combinations takes, in seconds of one core, and what parts weigh. */
export interface Costs {
  seconds(part: Priced): number;
  /** Where the part itself is not there to tell. */
  bytes(part: Priced): number;
  /** Planning, joining, delivering and telling of so many, with the bytes that one video of each has together. */
  combinations(count: number, bytes: number): number;
  /** How many makings here the figures of such parts rest on; 0: none, those of another machine stand in. */
  measured(names: Iterable<string>): number;
  /** The same of combinations. */
  readonly measuredCombinations: number;
}

export type Priced = Pick<PartTally, "name" | "seconds" | "megapixels">;

/**
 * Before anything was measured: a 2-core x86 machine (2.x GHz, ffmpeg 5.1, libx264 veryfast at CRF 20) with real footage at
 * 1080x1920. Other machines differ by a factor of two or three either way; the proportions stay. Clips cost by megapixels,
 * sound and speech by seconds, deliveries by megabytes.
 */
const ELSEWHERE = {
  join: { each: 0.0005, perUnit: 0 },
  virtual: { each: 0.0002, perUnit: 0 },
  written: { each: 0.001, perUnit: 0.00045 },
  picture: { each: 0.15, perUnit: 0 },
} as const satisfies Record<string, Line>;

/** Planner, nats-server and read model: no process has these alone, so nobody measures them. */
const SECONDS_A_COMBINATION_TOLD = 0.0007;

/** Of an MP4's header: tables of packets. */
export const HEADER_BYTES = 1_500;
export const HEADER_BYTES_A_SECOND = 500;

/** Costs by what parts of the same class took before, else of the same kind, else as parts take elsewhere. */
export function costsBy(measured: MeasuredRecord, outputs: OutputMix): Costs {
  const prices = new Map<string, Price>();
  const priceOf = (name: string): Price => {
    const price = prices.get(name) ?? priceBy(measured, name);
    prices.set(name, price);
    return price;
  };
  const joins = measured[JOIN];
  const written = measured[deliveryClass("written")];
  const virtual = measured[deliveryClass("virtual")];
  const rests = [
    ...(outputs.videos + outputs.others > 0 ? [joins] : []),
    ...(outputs.written > 0 ? [written] : []),
    ...(outputs.virtual > 0 ? [virtual] : []),
    ...(outputs.pictures > 0 ? [measured[PICTURE]] : []),
  ];
  const lines = {
    join: lineThrough(joins, ELSEWHERE.join),
    written: lineThrough(written, ELSEWHERE.written),
    virtual: lineThrough(virtual, ELSEWHERE.virtual),
    picture: lineThrough(measured[PICTURE], ELSEWHERE.picture),
  };
  return {
    seconds: (part) => costOn(priceOf(part.name).line, amountOf(part)),
    bytes: (part) => {
      const { sums } = priceOf(part.name);
      return sums ? (sums.bytes / sums.amount) * amountOf(part) : bytesElsewhere(part);
    },
    combinations: (count, bytes) =>
      count * SECONDS_A_COMBINATION_TOLD +
      (outputs.videos + outputs.others) * costOn(lines.join, 0, count) +
      outputs.written * costOn(lines.written, bytes / 1e6, count) +
      outputs.virtual * costOn(lines.virtual, 0, count) +
      outputs.pictures * costOn(lines.picture, 0, count),
    measured: (names) => {
      const parts = new Map([...names].map(priceOf).map(({ by, sums }) => [by, sums?.parts ?? 0]));
      return Math.round([...parts.values()].reduce((sum, one) => sum + one, 0));
    },
    measuredCombinations: Math.round(Math.min(...rests.map((sums) => sums?.parts ?? 0))),
  };
}

/** What parts of a class cost, and by which class or kind. */
interface Price {
  readonly by: string;
  readonly sums: Sums | undefined;
  readonly line: Line;
}

function priceBy(measured: MeasuredRecord, name: string): Price {
  const kind = kindOf(name);
  const { elsewhere } = partKinds[kind].cost;
  for (const [by, sums] of [[name, measured[name]] as const, [kind, ofKind(measured, kind)] as const]) {
    if (sums && sums.amount > 0) return { by, sums, line: lineThrough(sums, elsewhere) };
  }
  return { by: kind, sums: undefined, line: elsewhere };
}

const kindOf = (name: string): RequestedKind => kindOfClass(name) ?? "clip";

const amountOf = (part: Priced): number => part[partKinds[kindOf(part.name)].cost.unit];

const bytesElsewhere = (part: Priced): number => amountOf(part) * partKinds[kindOf(part.name)].cost.bytesPerUnit;
