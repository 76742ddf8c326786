import type { Store } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import type { Broker, EventStream, Publisher } from "@polyreel/platform/stream";
import type { SignedLinks } from "../links/signed-links.js";
import type { Notifications } from "../notify/notifications.js";
import type { Outputs } from "../outputs/outputs.js";
import type { ReadModel } from "../read-model/read-model.js";
import type { Cleaner } from "../retention/cleaner.js";
import type { SourceUses } from "../sources/source-uses.js";
import type { WaitingWork } from "./waiting-work.js";

/** Dependencies of the calls about batches. */
export interface BatchDeps {
  readonly stream: EventStream;
  readonly publisher: Publisher;
  readonly store: Store;
  readonly broker: Broker;
  readonly model: ReadModel;
  readonly outputs: Outputs;
  readonly links: SignedLinks;
  readonly log: Log;
  readonly cleaner: Cleaner;
  readonly uses: SourceUses;
  readonly waiting: WaitingWork;
  readonly notifications: Notifications;
  /** Aborts when the gateway is closing: watching calls end, so that their clients reconnect elsewhere. */
  readonly draining: AbortSignal;
}
