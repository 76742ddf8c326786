/** What became of an attempt to send something. */
export interface Outcome {
  readonly accepted: boolean;
  /** HTTP status or SMTP reply code; 0 without a response. */
  readonly status: number;
  /** A sentence; empty if accepted. */
  readonly reason: string;
  /** The beginning of the response's body. */
  readonly response: string;
  /** No further attempt can help. */
  readonly final?: boolean;
  /** The receiver wants nothing more. */
  readonly gone?: boolean;
  readonly retryAfterMs?: number;
}

export const accepted = (status: number, response: string): Outcome => ({
  accepted: true,
  status,
  reason: "",
  response,
});

export const refused = (reason: string, more: Partial<Outcome> = {}): Outcome => ({
  ...{ accepted: false, status: 0, response: "" },
  reason,
  ...more,
});
