import type { Notify } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";
import { type Kysely, type RawBuilder, sql } from "kysely";
import { LRUCache } from "lru-cache";
import type { Scope } from "../../../call/call.js";
import type { StreamPosition } from "../../../read-model/projection-store.js";
import { anyOf } from "../../../read-model/sql/load.js";
import { isStorable } from "../../../read-model/sql/rows.js";
import type { Tables } from "../../../read-model/sql/tables.js";
import type { readWithin } from "../../../read-model/sql/tenants/reader-session.js";
import type { Notification } from "../../notification.js";
import type { NoticeBook } from "../../record/notice-book.js";
import { concernsNotices, isWanted } from "../../record/notices-of.js";
import type { Claim, NotificationStore, NotificationsQuery, Settlement } from "../notification-store.js";
import { ended, withAttempt } from "../settled.js";
import { attemptsJson, notification } from "./notification-rows.js";
import { loadBooks, recordNotices } from "./record-notices.js";

const WAITING = sql<boolean>`state = 'waiting'`;

/** Batches whose receivers are remembered, so that facts about batches without any cost no statement. */
const REMEMBERED = 10_000;

/** Notifications in the read model's database, which several gateways may share. */
export class SqlNotificationStore implements NotificationStore {
  /** Null: the batch has no book. */
  readonly #known = new LRUCache<string, { readonly book: NoticeBook | null }>({ max: REMEMBERED });

  constructor(
    private readonly db: Kysely<Tables>,
    private readonly reading: Kysely<Tables>,
    private readonly defaults: (tenant: string) => readonly Notify[],
    /** Reads of a scope run in it. */
    private readonly within: typeof readWithin,
  ) {}

  /** Everything up to the read model's checkpoint was recorded: facts are recorded before it takes them. */
  begin({ created, last }: StreamPosition): Promise<void> {
    return this.db.transaction().execute(async (db) => {
      const taken = await db.selectFrom("checkpoint").select(["stream", "sequence"]).executeTakeFirst();
      const known = await db.selectFrom("notification_checkpoint").selectAll().forUpdate().executeTakeFirst();
      const recorded = known?.stream === created ? known.sequence : undefined;
      const ofModel = taken?.stream === created ? taken.sequence : undefined;
      const sequence = Math.min(last, Math.max(recorded ?? 0, ofModel ?? 0));
      const values = { stream: created, sequence: recorded === undefined && ofModel === undefined ? last : sequence };
      if (known && recorded === undefined) await db.deleteFrom("notification_books").execute();
      await db
        .insertInto("notification_checkpoint")
        .values(values)
        .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
        .execute();
      this.#known.clear();
    });
  }

  async record(facts: readonly FactMessage[]): Promise<boolean> {
    const wanted = await this.#wanted(facts);
    if (wanted.length === 0) return false;
    return await this.db.transaction().execute(async (db) => {
      const checkpoint = await db.selectFrom("notification_checkpoint").selectAll().forUpdate().executeTakeFirst();
      const from = checkpoint?.sequence ?? 0;
      const isNew = await recordNotices(db, wanted, from, this.defaults);
      const last = facts.at(-1)?.sequence ?? 0;
      if (last > from) await db.updateTable("notification_checkpoint").set({ sequence: last }).execute();
      return isNew;
    });
  }

  async lanesDue(now: Date, after: string, limit: number): Promise<string[]> {
    // A loose index scan: thousands that wait in one lane cost no more than one.
    const next = (than: RawBuilder<unknown>) => sql`select n.lane from notifications as n
      where n.state = 'waiting' and n.next_at <= ${now} and n.lane > ${than} order by n.lane limit 1`;
    const { rows } = await sql<{ lane: string }>`with recursive lanes(lane) as (
        (${next(sql`${after}`)})
        union all
        select (${next(sql`lanes.lane`)}) from lanes where lanes.lane is not null
      ) select lane from lanes where lane is not null limit ${limit}`.execute(this.db);
    return rows.map(({ lane }) => lane);
  }

  async claim(lane: string, now: Date, until: Date, limit: number): Promise<Claim[]> {
    const due = this.db
      .selectFrom("notifications")
      .select("id")
      .where(WAITING)
      .where("lane", "=", lane)
      .where("next_at", "<=", now)
      .orderBy("next_at")
      .limit(limit)
      .forUpdate()
      .skipLocked();
    const rows = await this.db
      .updateTable("notifications")
      .set({ next_at: until })
      .where("id", "in", due)
      .returningAll()
      .execute();
    return rows.map((row) => ({ notification: notification(row), until }));
  }

  async settle(claim: Claim, settlement: Settlement, now: Date): Promise<void> {
    const { id, attempts } = claim.notification;
    const made = { attempts: attemptsJson(withAttempt(attempts, settlement.attempt)) };
    const end = settlement.state === "waiting" ? undefined : ended(settlement.state, settlement.reason, now);
    await this.db
      .updateTable("notifications")
      .set(
        settlement.state === "waiting"
          ? { ...made, next_at: settlement.nextAt }
          : { ...made, state: end?.state ?? "", reason: end?.reason ?? "", ended_at: now },
      )
      .where("id", "=", id)
      .where(WAITING)
      .where("next_at", "=", claim.until)
      .execute();
  }

  async stopReceiver(
    { batchId, generation, receiver }: Pick<Notification, "batchId" | "generation" | "receiver">,
    reason: string,
    now: Date,
  ): Promise<void> {
    await this.db
      .updateTable("notification_books")
      .set({ stopped: sql`array_append(stopped, ${receiver})` })
      .where("batch_id", "=", batchId)
      .where("generation", "=", generation)
      .where(sql<boolean>`not ${receiver} = any(stopped)`)
      .execute();
    await this.db
      .updateTable("notifications")
      .set({ state: "stopped", reason, ended_at: now })
      .where(WAITING)
      .where("batch_id", "=", batchId)
      .where("generation", "=", generation)
      .where("receiver", "=", receiver)
      .execute();
  }

  async nextDue(): Promise<Date | undefined> {
    const row = await this.db
      .selectFrom("notifications")
      .select("next_at")
      .where(WAITING)
      .orderBy("next_at")
      .limit(1)
      .executeTakeFirst();
    return row?.next_at;
  }

  async bringForward(latest: Date): Promise<void> {
    await this.db
      .updateTable("notifications")
      .set({ next_at: latest })
      .where(WAITING)
      .where("next_at", ">", latest)
      .execute();
  }

  async prune(endedBefore: Date): Promise<void> {
    await this.db.deleteFrom("notifications").where("ended_at", "<", endedBefore).execute();
  }

  async find({ scope, batchId, states, after, limit }: NotificationsQuery): Promise<Notification[]> {
    if (!isStorable(batchId)) return [];
    const read = this.reading
      .selectFrom("notifications")
      .selectAll()
      .where(ofTenant(scope))
      .$if(batchId !== "", (query) => query.where("batch_id", "=", batchId))
      .$if(states.length > 0, (query) => query.where("state", "=", anyOf(states)))
      .$if(after !== undefined, (query) =>
        query.where(sql<boolean>`(created_at, id) < (${after?.createdAt}, ${after?.id})`),
      )
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(limit);
    return (await this.within(scope, () => read.execute())).map(notification);
  }

  async get(id: string, scope: Scope): Promise<Notification | undefined> {
    if (!isStorable(id)) return undefined;
    const read = this.reading.selectFrom("notifications").selectAll().where("id", "=", id).where(ofTenant(scope));
    const row = await this.within(scope, () => read.executeTakeFirst());
    return row && notification(row);
  }

  async resend(id: string, now: Date): Promise<void> {
    await this.db
      .updateTable("notifications")
      .set({ state: "waiting", attempts: "[]", next_at: now, ended_at: null, reason: "" })
      .where("id", "=", id)
      .execute();
  }

  /** Facts that matter for batches with receivers; books are loaded for the others' first fact only. */
  async #wanted(facts: readonly FactMessage[]): Promise<FactMessage[]> {
    const about = facts.filter(concernsNotices);
    const submitted = new Set<string>();
    const unknown = new Set<string>();
    for (const { name, batchId } of about) {
      if (name === "batch.submitted") submitted.add(batchId);
      else if (!submitted.has(batchId) && !this.#known.has(batchId)) unknown.add(batchId);
    }
    const loaded = await loadBooks(this.db, [...unknown]);
    for (const batchId of unknown) this.#known.set(batchId, { book: loaded.get(batchId) ?? null });
    return about.filter((message) => {
      const { name, batchId, sequence } = message;
      if (name === "batch.submitted") {
        // What decides here does not change afterwards: its submission.
        const book = { batchId, generation: sequence, submitted: message.fact } as NoticeBook;
        this.#known.set(batchId, { book });
        return true;
      }
      if (name === "batch.deleted") return this.#known.delete(batchId) || true;
      const book = this.#known.get(batchId)?.book;
      return book ? isWanted(message, book, this.defaults(book.submitted.tenant)) : false;
    });
  }
}

const ofTenant = (scope: Scope): RawBuilder<boolean> =>
  "all" in scope ? sql<boolean>`true` : sql<boolean>`tenant = ${scope.tenant}`;
