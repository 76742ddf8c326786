/** How a receiver is reached. */
export type Channel = "webhook" | "email";

/**
 * `waiting`: for its first or next attempt; `failed`: every attempt failed, or one for good; `stopped`: nothing is sent,
 * because the receiver does not want it or is not configured any more.
 */
export type State = "waiting" | "sent" | "failed" | "stopped";

export type EventType =
  | "batch.finished"
  | "combination.failed"
  | "combination.delivered"
  | "combinations.failed"
  | "combinations.delivered"
  | "test";

/** A notification of one event for one receiver, before anything was sent. */
export interface NewNotification {
  /** The same whenever and by whomever the event is recorded. */
  readonly id: string;
  readonly batchId: string;
  /** Position of the batch's submission in the stream. */
  readonly generation: number;
  readonly tenant: string;
  readonly type: EventType;
  readonly channel: Channel;
  /** Which receiver: `batch/<index>` of the batch's own, `default/<digest>` of the configured ones. */
  readonly receiver: string;
  /** The receiver for people: without a URL's query, and without names of people. */
  readonly shown: string;
  /** What bounds and shares concurrency: its host and tenant. */
  readonly lane: string;
  /** The event as JSON, the same in every attempt. */
  readonly body: string;
  readonly createdAt: Date;
}

/** An attempt to send a notification. */
export interface Attempt {
  readonly at: Date;
  readonly durationMs: number;
  /** HTTP status or SMTP reply code; 0 without a response. */
  readonly status: number;
  /** What went wrong; empty if it was accepted. */
  readonly reason: string;
  /** The beginning of the response's body. */
  readonly response: string;
}

export interface Notification extends NewNotification {
  readonly state: State;
  /** Oldest first, since it was last requested. */
  readonly attempts: readonly Attempt[];
  /** When it is due, or somebody's claim on it ends. */
  readonly nextAt: Date;
  readonly endedAt: Date | undefined;
  /** Why it was stopped. */
  readonly reason: string;
}

export const LANE_SEPARATOR = " ";

export const laneOf = (host: string, tenant: string): string => `${host}${LANE_SEPARATOR}${tenant}`;
