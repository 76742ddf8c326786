import type { Secrets } from "@polyreel/pipeline/settings";
import type { Store } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import type { RunningReadModel } from "../read-model/open-read-model.js";
import type { NotifyConfig } from "./config.js";
import { ConfiguredReceivers } from "./send/configured-receiver.js";
import type { LinkOf } from "./send/deliver.js";
import { Sender } from "./send/sender.js";
import type { NotificationStore } from "./store/notification-store.js";

/** What calls need of notifications. */
export interface Notifications {
  readonly config: NotifyConfig;
  /** Undefined if notifications are off. */
  readonly store: NotificationStore | undefined;
  readonly receivers: ConfiguredReceivers;
  /** Undefined: clients reach the gateway at no known address. */
  readonly linkOf: LinkOf | undefined;
  readonly secrets: Secrets;
  /** Looks for what is due at once. */
  poke(): void;
}

interface Deps {
  readonly model: RunningReadModel;
  readonly store: Store;
  readonly log: Log;
  readonly linkOf?: LinkOf | undefined;
  readonly secrets: Secrets;
}

/** Notifications of a gateway, and what sends them; undefined if they are off. */
export function openNotifications(
  { model, store, log, linkOf, secrets }: Deps,
  config: NotifyConfig,
): { notifications: Notifications; sender: Sender | undefined } {
  const receivers = new ConfiguredReceivers({ model, store, config });
  const { notifications: kept, caughtUp } = model;
  const sender = kept && new Sender({ store: kept, receivers, config, linkOf, secrets, log, caughtUp });
  return {
    sender,
    notifications: { config, store: kept, receivers, linkOf, secrets, poke: () => sender?.poke() },
  };
}
