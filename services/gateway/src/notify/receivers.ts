import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import {
  type BatchSubmitted,
  type Notify,
  type NotifyEvent,
  type NotifySummary,
  NotifySummarySchema,
} from "@polyreel/contract";
import { shownUrl } from "@polyreel/platform/web";
import type { Channel } from "./notification.js";

/** A receiver of a batch's notifications, without what only its specification may contain. */
export interface Receiver {
  /** See Notification.receiver. */
  readonly key: string;
  readonly channel: Channel;
  readonly shown: string;
  /** Host that its attempts go to. */
  readonly host: string;
  readonly on: readonly NotifyEvent[];
}

/** All e-mails go through one server. */
const MAIL_HOST = "smtp";

/** The receivers of a batch for the fact of its submission, which must not contain a URL's query or people's names. */
export const notifySummaries = (notify: readonly Notify[]): NotifySummary[] => notify.map(summaryOf);

function summaryOf({ channel }: Notify): NotifySummary {
  if (channel.case === "webhook") {
    const { url, on } = channel.value;
    return create(NotifySummarySchema, { channel: { case: "webhook", value: shownUrl(url) }, on });
  }
  if (channel.case === "email") {
    const { to, on } = channel.value;
    return create(NotifySummarySchema, { channel: { case: "email", value: shownRecipients(to) }, on });
  }
  return create(NotifySummarySchema);
}

/** "2 at example.com, 1 at b.example". */
function shownRecipients(to: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const address of to) {
    const domain = address.slice(address.lastIndexOf("@") + 1).toLowerCase();
    counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  return [...counts].map(([domain, count]) => `${count} at ${domain}`).join(", ");
}

/** The receivers of a batch: its own, or else the defaults. */
export function receiversOf({ notify }: Pick<BatchSubmitted, "notify">, defaults: readonly Notify[]): Receiver[] {
  if (notify.length > 0) return notify.flatMap((summary, i) => receiver(`batch/${i}`, summary));
  return defaults.flatMap((one) => receiver(defaultKey(one), summaryOf(one)));
}

function receiver(key: string, { channel, on }: NotifySummary): Receiver[] {
  if (channel.case === undefined) return [];
  const shown = channel.value;
  const host = channel.case === "webhook" ? (shown.split("/")[0] ?? "") : MAIL_HOST;
  return [{ key, channel: channel.case, shown, host, on }];
}

/** A default receiver's key does not depend on its position, so that a changed list keeps what waits. */
export function defaultKey({ channel }: Notify): string {
  const address =
    channel.case === "email" ? [...channel.value.to].sort() : channel.case === "webhook" ? channel.value.url : "";
  return `default/${createHash("sha256").update(JSON.stringify(address)).digest("hex").slice(0, 16)}`;
}
