import type { Attempt, State } from "../notification.js";

/** Attempts with a further one: only the newest keeps its response. */
export const withAttempt = (attempts: readonly Attempt[], attempt: Attempt | undefined): readonly Attempt[] =>
  attempt ? [...attempts.map((one) => ({ ...one, response: "" })), attempt] : attempts;

export const ended = (state: Exclude<State, "waiting">, reason: string | undefined, now: Date) => ({
  state,
  reason: reason ?? "",
  endedAt: now,
});
