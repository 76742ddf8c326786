import type { Notify } from "@polyreel/contract";
import type { Running } from "@polyreel/platform";
import type { FactMessage } from "@polyreel/platform/stream";
import type { AuditStore } from "../audit/store/audit-store.js";
import type { NotificationStore } from "../notify/store/notification-store.js";
import type { Presence } from "./presence.js";
import type { Known, KnownBatch } from "./read-model.js";

/** A stream, and its length. */
export interface StreamPosition {
  /** When the stream was created: another stream counts from 1 again. */
  readonly created: string;
  /** Position of its last message; 0 if it never had one. */
  readonly last: number;
}

/** Storage of the read model: applies facts and answers queries. */
export interface ProjectionStore extends Known, Running {
  /** Availability of the database, if it can be unavailable. */
  readonly presence?: Presence | undefined;
  /** Position of the last applied fact of this stream. Clears everything if it contains another stream's. */
  begin(stream: StreamPosition): Promise<number>;
  /**
   * Applies facts in the stream's order, possibly only the first ones if that takes long, each completely or not at
   * all; known ones change nothing. `after` is the position of the last one before them. Returns their batches that are
   * complete without a published end; undefined if the content does not reach `after`, because it was cleared
   * meanwhile: then it must be started again.
   */
  take(facts: readonly FactMessage[], after: number): Promise<KnownBatch[] | undefined>;
  /** Clears everything. */
  forget(): Promise<void>;
  /** Storage of notifications beside the read model. `defaults`: receivers of a tenant's batches that name none. */
  notifications(defaults: (tenant: string) => readonly Notify[]): NotificationStore;
  /** The audit log beside the read model; undefined if nothing is kept in a database. */
  readonly audit?: AuditStore | undefined;
  /** All batches that are complete without a published end. */
  completed(): Promise<KnownBatch[]>;
}
