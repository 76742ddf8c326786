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

/** Cost of parts and combinations in seconds of one core, and sizes of parts. */
export interface Costs {
  seconds(part: Priced): number;
  /** Estimated size, if the part does not exist yet. */
  bytes(part: Priced): number;
  /** Planning, joining, delivering and publishing of this many, with the total bytes of one video of each. */
  combinations(count: number, bytes: number): number;
  /**
   * Number of local measurements that the costs of such parts are based on; 0: none, so figures of another machine are
   * used.
   */
  measured(names: Iterable<string>): number;
  /** The same for combinations. */
  readonly measuredCombinations: number;
}

export type Priced = Pick<PartTally, "name" | "seconds" | "megapixels">;

/**
 * Defaults without measurements: a 2-core x86 machine (2.x GHz, ffmpeg 5.1, libx264 veryfast at CRF 20) with real
 * footage at 1080x1920. Other machines differ by a factor of two or three either way; the proportions stay. Clips cost
 * by megapixels, sound and speech by seconds, deliveries by megabytes.
 */
const ELSEWHERE = {
  join: { each: 0.0005, perUnit: 0 },
  virtual: { each: 0.0002, perUnit: 0 },
  written: { each: 0.001, perUnit: 0.00045 },
  picture: { each: 0.15, perUnit: 0 },
} as const satisfies Record<string, Line>;

/** Planner, nats-server and read model: shared by all processes, so not measured individually. */
const SECONDS_A_COMBINATION_TOLD = 0.0007;

/** Size of an MP4's header: tables of packets. */
export const HEADER_BYTES = 1_500;
export const HEADER_BYTES_A_SECOND = 500;

/** Costs by measurements of parts of the same class, or else of the same kind, or else by defaults. */
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

/** Cost of parts of a class, and the class or kind that it is based on. */
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
