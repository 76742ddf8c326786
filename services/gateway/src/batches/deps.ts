import type { Store } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import type { Broker, EventStream, Publisher } from "@polyreel/platform/stream";
import type { Presets } from "@polyreel/spec";
import type { SignedLinks } from "../links/signed-links.js";
import type { Notifications } from "../notify/notifications.js";
import type { Outputs } from "../outputs/outputs.js";
import type { Admission } from "../quotas/admission.js";
import type { UploadMeter } from "../quotas/upload-meter.js";
import type { UseEstimates } from "../quotas/use-estimates.js";
import type { ReadModel } from "../read-model/read-model.js";
import type { Cleaner } from "../retention/cleaner.js";
import type { SourceUses } from "../sources/source-uses.js";
import type { CombinationCosts } from "./combination-costs.js";
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
  readonly costs: CombinationCosts;
  readonly notifications: Notifications;
  /** Settings of transcodes that batches can name. */
  readonly presets: Presets;
  /** Aborts when the gateway is closing: watching calls end, so that their clients reconnect elsewhere. */
  readonly draining: AbortSignal;
  /** Lets batches pass that fit in their tenant's quotas. */
  readonly admission: Admission;
  /** What batches will use of their tenant's quotas. */
  readonly estimates: UseEstimates;
  /** Counts uploads, and refuses what quotas have no room for. */
  readonly meter: UploadMeter;
}
