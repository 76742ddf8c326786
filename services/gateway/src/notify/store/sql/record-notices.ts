import { toBinary } from "@bufbuild/protobuf";
import { BatchSubmittedSchema, type Notify } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";
import { type Kysely, sql, type Transaction } from "kysely";
import { anyOf } from "../../../read-model/sql/load.js";
import type { Tables } from "../../../read-model/sql/tables.js";
import type { NewNotification } from "../../notification.js";
import { type NoticeBook, newNoticeBook } from "../../record/notice-book.js";
import { noticesOf } from "../../record/notices-of.js";
import { MAX_WAITING, withinCapacity } from "../../record/within-capacity.js";
import { noticeBook, notificationRow } from "./notification-rows.js";

/** Parameters of one statement are limited to 65,535. */
const ROWS_AT_ONCE = 2000;

/** Records what facts lead to; those up to `checkpoint` only open and remove books. Returns whether there is anything. */
export async function recordNotices(
  db: Transaction<Tables>,
  facts: readonly FactMessage[],
  checkpoint: number,
  defaults: (tenant: string) => readonly Notify[],
): Promise<boolean> {
  const books = await loadBooks(db, [...new Set(facts.map(({ batchId }) => batchId))]);
  const changed = new Set<NoticeBook>();
  const notices: NewNotification[] = [];
  const noticed = new Map<string, NoticeBook>();
  for (const message of facts) {
    const { name, batchId, sequence } = message;
    const known = books.get(batchId);
    if (name === "batch.submitted" && (known?.generation ?? 0) < sequence) {
      const opened = newNoticeBook(message.fact, sequence);
      books.set(batchId, opened);
      changed.add(opened);
    }
    if (name === "batch.deleted") {
      await removeBatch(db, batchId, sequence);
      if (known && known.generation < sequence) books.delete(batchId);
    }
    const book = books.get(batchId);
    if (sequence <= checkpoint || !book) continue;
    if (message.generation !== 0 && message.generation !== book.generation) continue;
    changed.add(book);
    for (const one of noticesOf(message, book, defaults(book.submitted.tenant))) {
      notices.push(one);
      noticed.set(one.id, book);
    }
  }
  const kept = await keep(db, notices, (dropped) => {
    const book = noticed.get(dropped.id);
    if (book) book.unreported++;
  });
  for (const book of changed) if (books.get(book.batchId) === book) await saveBook(db, book);
  for (let at = 0; at < kept.length; at += ROWS_AT_ONCE) {
    await db
      .insertInto("notifications")
      .values(kept.slice(at, at + ROWS_AT_ONCE).map(notificationRow))
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
  }
  return kept.length > 0;
}

/** The books of batches, by id. */
export async function loadBooks(db: Kysely<Tables>, batchIds: readonly string[]): Promise<Map<string, NoticeBook>> {
  if (batchIds.length === 0) return new Map();
  const rows = await db.selectFrom("notification_books").selectAll().where("batch_id", "=", anyOf(batchIds)).execute();
  return new Map(rows.map((row) => [row.batch_id, noticeBook(row)]));
}

async function saveBook(db: Transaction<Tables>, book: NoticeBook): Promise<void> {
  const { batchId, generation, failures, deliveries, cancelled, unreported } = book;
  const submitted = Buffer.from(toBinary(BatchSubmittedSchema, book.submitted)).toString("base64");
  const counts = { generation, failures, deliveries, cancelled, unreported };
  const bytes = sql<Uint8Array>`decode(${submitted}, 'base64')`;
  await db
    .insertInto("notification_books")
    .values({ batch_id: batchId, submitted: bytes, ...counts })
    .onConflict((conflict) => conflict.column("batch_id").doUpdateSet({ submitted: bytes, ...counts }))
    .execute();
}

async function removeBatch(db: Transaction<Tables>, batchId: string, before: number): Promise<void> {
  for (const table of ["notification_books", "notifications"] as const) {
    await db.deleteFrom(table).where("batch_id", "=", batchId).where("generation", "<", before).execute();
  }
}

/** Those that find room beside what waits of their tenants. */
async function keep(
  db: Transaction<Tables>,
  notices: readonly NewNotification[],
  onDropped: (one: NewNotification) => void,
): Promise<NewNotification[]> {
  const kept: NewNotification[] = [];
  for (const tenant of new Set(notices.map((one) => one.tenant))) {
    const own = notices.filter((one) => one.tenant === tenant);
    const found = withinCapacity(own, await waitingOf(db, tenant), MAX_WAITING);
    kept.push(...found.kept);
    const ids = new Set(found.kept);
    if (found.dropped > 0) for (const one of own) if (!ids.has(one)) onDropped(one);
  }
  return kept;
}

async function waitingOf(db: Transaction<Tables>, tenant: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::integer as count from
    (select 1 from notifications where state = 'waiting' and tenant = ${tenant} limit ${MAX_WAITING}) as waiting`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}
