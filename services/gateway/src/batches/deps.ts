import type { Store } from "@polyreel/platform/blobs";
import type { Broker, EventStream, Publisher } from "@polyreel/platform/stream";
import type { Presets } from "@polyreel/spec";
import type { Outputs } from "../outputs/outputs.js";
import type { ReadModel } from "../read-model/read-model.js";
import type { Cleaner } from "../retention/cleaner.js";
import type { WaitingWork } from "./waiting-work.js";

/** Dependencies of the calls about batches. */
export interface BatchDeps {
  readonly stream: EventStream;
  readonly publisher: Publisher;
  readonly store: Store;
  readonly broker: Broker;
  readonly model: ReadModel;
  readonly outputs: Outputs;
  readonly cleaner: Cleaner;
  readonly waiting: WaitingWork;
  /** Settings of transcodes that batches can name. */
  readonly presets: Presets;
  /** Aborts when the gateway is closing: watching calls end, so that their clients reconnect elsewhere. */
  readonly draining: AbortSignal;
}
