import type { FactMessage } from "@polyreel/platform/stream";
import type { Scope } from "../../call/call.js";
import type { StreamPosition } from "../../read-model/projection-store.js";
import type { Attempt, Notification, State } from "../notification.js";

/** A claim on a notification that is due: nobody else sends it until `until`. */
export interface Claim {
  readonly notification: Notification;
  readonly until: Date;
}

/** The outcome of a claim. */
export type Settlement =
  | { readonly state: "sent" | "failed" | "stopped"; readonly attempt?: Attempt; readonly reason?: string }
  | { readonly state: "waiting"; readonly attempt?: Attempt; readonly nextAt: Date };

export interface NotificationsQuery {
  readonly scope: Scope;
  /** Empty: of all batches. */
  readonly batchId: string;
  /** Empty: in any. */
  readonly states: readonly State[];
  /** Only those after this position. */
  readonly after: { readonly createdAt: Date; readonly id: string } | undefined;
  readonly limit: number;
}

/**
 * Storage of notifications. It is no part of the read model: a rebuild neither repeats what was sent nor loses what
 * waits, because it has a checkpoint of its own.
 */
export interface NotificationStore {
  /**
   * Called before the read model starts to follow a stream. Facts up to its present position are not notified of if the
   * store has never followed this stream; nor are those that the read model has.
   */
  begin(stream: StreamPosition): Promise<void>;
  /**
   * Records what facts lead to, in the stream's order and before the read model takes them; known ones change nothing.
   * Returns whether anything is due.
   */
  record(facts: readonly FactMessage[]): Promise<boolean>;
  /** Lanes with something due, in order, after one of them. */
  lanesDue(now: Date, after: string, limit: number): Promise<string[]>;
  /** Claims the oldest due ones of a lane. */
  claim(lane: string, now: Date, until: Date, limit: number): Promise<Claim[]>;
  /** Ends a claim; ignored if it has expired and somebody else has claimed it. */
  settle(claim: Claim, settlement: Settlement, now: Date): Promise<void>;
  /** Stops what waits, and what would follow, for a receiver of a batch. */
  stopReceiver(of: Pick<Notification, "batchId" | "generation" | "receiver">, reason: string, now: Date): Promise<void>;
  /** When the next one is due. */
  nextDue(): Promise<Date | undefined>;
  /** Nothing waits longer than until then: a clock that was ahead must not have the last word. */
  bringForward(latest: Date): Promise<void>;
  /** Removes those that ended before. */
  prune(endedBefore: Date): Promise<void>;
  find(query: NotificationsQuery): Promise<Notification[]>;
  get(id: string, scope: Scope): Promise<Notification | undefined>;
  /** Makes it due, with a new schedule. */
  resend(id: string, now: Date): Promise<void>;
}
