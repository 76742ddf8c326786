/** The gateway that received the last byte of an upload finishes it; after this time it was killed. */
export const ABANDONED_MS = 60_000;

export interface ExpiryOptions {
  readonly now: Date;
  /** Counts only. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

export interface Removed {
  readonly count: number;
  readonly bytes: number;
}
