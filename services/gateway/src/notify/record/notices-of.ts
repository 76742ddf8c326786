import { countOf, deliveriesIn, type Notify, NotifyEvent } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";
import { type EventType, laneOf, type NewNotification } from "../notification.js";
import { type Receiver, receiversOf } from "../receivers.js";
import { deliveredData, failedData, finishedData } from "./event-data.js";
import type { NoticeBook } from "./notice-book.js";
import { notificationId } from "./notification-id.js";

/**
 * Single failures and deliveries of a batch's run that each receiver is notified of. Beyond that, one digest at each
 * power of ten, so that a batch of any size leaves a bounded number of rows.
 */
export const MAX_SINGLE = { failed: 100, delivered: 10_000 } as const;

/** Facts that can change a book or lead to notifications. */
const ABOUT = new Set<string>([
  "batch.submitted",
  "batch.resumed",
  "batch.cancelled",
  "batch.finished",
  "batch.deleted",
  "combination.failed",
  "combination.delivered",
]);

export const concernsNotices = ({ name }: FactMessage): boolean => ABOUT.has(name);

/** Whether a fact can lead to a notification of this batch, or changes its book. */
export function isWanted(message: FactMessage, book: NoticeBook, defaults: readonly Notify[]): boolean {
  const receivers = receiversOf(book.submitted, defaults);
  if (message.name === "combination.failed") return receivers.some(wants(NotifyEvent.FAILED));
  if (message.name === "combination.delivered") return receivers.some(wants(NotifyEvent.DELIVERED));
  return receivers.length > 0;
}

const wants = (event: NotifyEvent) => (one: Receiver) => one.channel === "webhook" && one.on.includes(event);

/** The notifications that a fact leads to; counts it in the book. Its batch's book is of the fact's generation. */
export function noticesOf(message: FactMessage, book: NoticeBook, defaults: readonly Notify[]): NewNotification[] {
  const receivers = receiversOf(book.submitted, defaults).filter(({ key }) => !book.stopped.includes(key));
  switch (message.name) {
    case "batch.resumed":
      book.failures = 0;
      book.deliveries = 0;
      book.cancelled = false;
      return [];
    case "batch.cancelled":
      book.cancelled = true;
      return [];
    case "batch.finished": {
      const run = Math.max(1, message.fact.run);
      const data = finishedData(book, message.fact);
      const { failed } = message.fact;
      book.unreported = 0;
      return receivers
        .filter(({ channel, on }) => {
          const isAlarm = channel === "email" && on.includes(NotifyEvent.FAILED) && failed > 0n;
          return isAlarm || on.includes(NotifyEvent.FINISHED);
        })
        .map((one) => notice("batch.finished", one, message, book, data, run));
    }
    case "combination.failed": {
      const count = ++book.failures;
      const type = single("failed", count);
      if (!type) return [];
      const { combinationId, attempt, deliveries, deliveryCount } = message.fact;
      // Facts of one attempt at a combination are distinguished by their first delivery.
      const [first = 0] = deliveriesIn(deliveries, countOf(deliveryCount));
      const data = failedData(book, message.fact, { digest: type === "combinations.failed" ? count : 0 });
      return receivers
        .filter(wants(NotifyEvent.FAILED))
        .map((one) => notice(type, one, message, book, data, combinationId, Math.max(1, attempt), first));
    }
    case "combination.delivered": {
      const count = ++book.deliveries;
      const type = single("delivered", count);
      if (!type) return [];
      const { combinationId, attempt, delivery } = message.fact;
      const data = deliveredData(book, message.fact, { digest: type === "combinations.delivered" ? count : 0 });
      return receivers
        .filter(wants(NotifyEvent.DELIVERED))
        .map((one) => notice(type, one, message, book, data, combinationId, Math.max(1, attempt), delivery));
    }
    default:
      return [];
  }
}

function single(kind: "failed" | "delivered", count: number): EventType | undefined {
  if (count <= MAX_SINGLE[kind]) return `combination.${kind}`;
  return Number.isInteger(Math.log10(count)) ? `combinations.${kind}` : undefined;
}

function notice(
  type: EventType,
  { key, channel, shown, host }: Receiver,
  { time }: FactMessage,
  { batchId, generation, submitted: { tenant } }: NoticeBook,
  data: object,
  ...about: readonly (string | number | bigint)[]
): NewNotification {
  return {
    id: notificationId(batchId, generation, type, ...about, key),
    ...{ batchId, generation, tenant, type, channel, receiver: key, shown },
    lane: laneOf(host, tenant),
    body: eventBody(type, time, data),
    createdAt: time,
  };
}

/** Receivers of Standard Webhooks may refuse more. */
const MAX_BODY_BYTES = 20_000;

/** An event as JSON. Without a combination's choices if they are too long: its id identifies it. */
export function eventBody(type: EventType, time: Date, data: object): string {
  const body = JSON.stringify({ type, timestamp: time.toISOString(), data });
  if (Buffer.byteLength(body) <= MAX_BODY_BYTES) return body;
  return JSON.stringify({ type, timestamp: time.toISOString(), data: { ...data, choices: undefined } });
}
