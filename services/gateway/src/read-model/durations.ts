import type { AttemptTimes, PartRecord } from "./batch-record.js";

/** How long an attempt at a combination took, in seconds; undefined what it did not come to. */
export interface Durations {
  /** From its plan until the last of its parts was there. */
  readonly waiting: number | undefined;
  /** From there until it was laid out. */
  readonly joining: number | undefined;
  /** From there until it was delivered, or failed. */
  readonly delivery: number | undefined;
}

export function durationsOf({ planned, ready, rendered, ended }: AttemptTimes): Durations {
  const began = planned && ready && ready > planned ? ready : planned; // parts may have been there before it was planned
  return {
    waiting: rendered && seconds(planned, began),
    joining: seconds(began, rendered),
    delivery: seconds(rendered, ended),
  };
}

/** From its being asked for until it was made; undefined of parts that were not made for it. */
export const encodingSeconds = ({ state, requestedAt, endedAt }: PartRecord): number | undefined =>
  state === "made" ? seconds(requestedAt, endedAt) : undefined;

const seconds = (from: Date | undefined, to: Date | undefined): number | undefined =>
  from && to && Math.max(0, to.getTime() - from.getTime()) / 1000;
