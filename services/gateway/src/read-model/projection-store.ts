import type { Running } from "@polyreel/platform";
import type { FactMessage } from "@polyreel/platform/stream";
import type { Presence } from "./presence.js";
import type { Known, KnownBatch } from "./read-model.js";

/** A stream, and how far it goes. */
export interface StreamPosition {
  /** When the stream was created: another stream counts from 1 again. */
  readonly created: string;
  /** Position of its last message; 0 where it never held one. */
  readonly last: number;
}

/** Where the read model is kept: facts go in, answers come out. */
export interface ProjectionStore extends Known, Running {
  /** Of what keeps it, where that can be away. */
  readonly presence?: Presence | undefined;
  /** Position of the last fact of this stream that it knows. Forgets everything where it knows another stream's. */
  begin(stream: StreamPosition): Promise<number>;
  /**
   * Takes facts in, in the stream's order, those at the end later where that takes long, a fact all or not at all; those
   * that it knows change nothing. `after` is the position of the
   * last one before them. Gives the batches among theirs that are complete and not said to be finished; undefined where it
   * does not know what came before, because somebody let it forget: then it is to be begun again.
   */
  take(facts: readonly FactMessage[], after: number): Promise<KnownBatch[] | undefined>;
  /** Forgets everything. */
  forget(): Promise<void>;
  /** All batches that are complete and not said to be finished. */
  completed(): Promise<KnownBatch[]>;
}
