import { type Notify, NotifyEvent } from "@polyreel/contract";

/** Name of the secret that signs the events of webhooks which name none. */
const DEFAULT_SECRET = "default";

/** Fills in the defaults of receivers, in place. */
export function normalizeNotify(notify: readonly Notify[]): void {
  for (const { channel } of notify) {
    if (channel.case === "webhook") {
      channel.value.secret ||= DEFAULT_SECRET;
      if (channel.value.on.length === 0) channel.value.on = [NotifyEvent.FINISHED, NotifyEvent.FAILED];
    } else if (channel.case === "email" && channel.value.on.length === 0) {
      channel.value.on = [NotifyEvent.FINISHED];
    }
  }
}
