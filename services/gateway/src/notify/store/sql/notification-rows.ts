import { fromBinary } from "@bufbuild/protobuf";
import { BatchSubmittedSchema } from "@polyreel/contract";
import type { Selectable } from "kysely";
import { plain } from "../../../read-model/sql/rows.js";
import type { NotificationBooksTable, NotificationsTable } from "../../../read-model/sql/tables.js";
import type { Attempt, Channel, EventType, NewNotification, Notification, State } from "../../notification.js";
import type { NoticeBook } from "../../record/notice-book.js";

export const noticeBook = (row: Selectable<NotificationBooksTable>): NoticeBook => ({
  batchId: row.batch_id,
  generation: row.generation,
  submitted: fromBinary(BatchSubmittedSchema, row.submitted),
  failures: row.failures,
  deliveries: row.deliveries,
  cancelled: row.cancelled,
  unreported: row.unreported,
  stopped: row.stopped,
});

export const notificationRow = (one: NewNotification) => ({
  id: one.id,
  batch_id: one.batchId,
  generation: one.generation,
  tenant: one.tenant,
  type: one.type,
  channel: one.channel,
  receiver: one.receiver,
  shown: plain(one.shown),
  lane: plain(one.lane),
  body: one.body,
  created_at: one.createdAt,
  next_at: one.createdAt,
});

export const notification = (row: Selectable<NotificationsTable>): Notification => ({
  id: row.id,
  batchId: row.batch_id,
  generation: row.generation,
  tenant: row.tenant,
  type: row.type as EventType,
  channel: row.channel as Channel,
  receiver: row.receiver,
  shown: row.shown,
  lane: row.lane,
  body: row.body,
  createdAt: row.created_at,
  state: row.state as State,
  attempts: (row.attempts as StoredAttempt[]).map(({ at, ...attempt }) => ({ ...attempt, at: new Date(at) })),
  nextAt: row.next_at,
  endedAt: row.ended_at ?? undefined,
  reason: row.reason,
});

type StoredAttempt = Omit<Attempt, "at"> & { readonly at: string };

/** As JSON for the database, which stores every character but NUL. */
export const attemptsJson = (attempts: readonly Attempt[]): string =>
  JSON.stringify(attempts.map((one) => ({ ...one, reason: plain(one.reason), response: plain(one.response) })));
