import type { Store } from "@polyreel/platform/blobs";
import type { Broker, EventStream, Publisher } from "@polyreel/platform/stream";
import type { Outputs } from "../outputs/outputs.js";
import type { ReadModel } from "../read-model/read-model.js";
import type { Cleaner } from "../retention/cleaner.js";
import type { WaitingWork } from "./waiting-work.js";

/** What the calls about batches work with. */
export interface BatchDeps {
  readonly stream: EventStream;
  readonly publisher: Publisher;
  readonly store: Store;
  readonly broker: Broker;
  readonly model: ReadModel;
  readonly outputs: Outputs;
  readonly cleaner: Cleaner;
  readonly waiting: WaitingWork;
  /** Aborts when the gateway is ending: watching calls end, so that their clients go on elsewhere. */
  readonly draining: AbortSignal;
}
