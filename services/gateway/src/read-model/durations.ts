import type { AttemptTimes, PartRecord } from "./batch-record.js";

/** Durations of an attempt at a combination, in seconds; undefined for phases that it did not reach. */
export interface Durations {
  /** From its plan until the last of its parts was ready. */
  readonly waiting: number | undefined;
  /** From then until it was laid out. */
  readonly joining: number | undefined;
  /** From then until it was delivered, or failed. */
  readonly delivery: number | undefined;
}

export function durationsOf({ planned, ready, rendered, ended }: AttemptTimes): Durations {
  const began = planned && ready && ready > planned ? ready : planned; // Parts may have been ready before it was planned.
  return {
    waiting: rendered && seconds(planned, began),
    joining: seconds(began, rendered),
    delivery: seconds(rendered, ended),
  };
}

/** From its request until it was made; undefined for parts that were not made for it. */
export const encodingSeconds = ({ state, requestedAt, endedAt }: PartRecord): number | undefined =>
  state === "made" ? seconds(requestedAt, endedAt) : undefined;

const seconds = (from: Date | undefined, to: Date | undefined): number | undefined =>
  from && to && Math.max(0, to.getTime() - from.getTime()) / 1000;
