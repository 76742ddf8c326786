import { fromBinary } from "@bufbuild/protobuf";
import { BatchSubmittedSchema, type Notify, type OutputSummary, outputsOf } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";
import { type Kysely, sql, type Transaction } from "kysely";
import type { AuditStore } from "../../audit/store/audit-store.js";
import { SqlAudit } from "../../audit/store/sql-audit.js";
import type { Scope } from "../../call/call.js";
import { SqlNotificationStore } from "../../notify/store/sql/sql-notification-store.js";
import { addUsage, countedUpTo, usageIn } from "../../usage/sql-usage.js";
import type { UsageQuery } from "../../usage/usage-query.js";
import { type Amounts, UsageTally } from "../../usage/usage-tally.js";
import type { PartState } from "../batch-record.js";
import type { NamedBatchesQuery, NamedTally, NamedTallyQuery } from "../named-batches.js";
import type { Presence } from "../presence.js";
import type { ProjectionStore, StreamPosition } from "../projection-store.js";
import type {
  BatchesQuery,
  ChoiceCount,
  CombinationsQuery,
  KeptBatch,
  KnownBatch,
  KnownCombination,
  KnownFailures,
  KnownStats,
  PartName,
  SoundUse,
  StatsQuery,
} from "../read-model.js";
import type { KnownReservation } from "../reservation.js";
import { knownBatch, knownCombination } from "../status.js";
import { knownChoices } from "./choice-numbers.js";
import { countChoices } from "./count-choices.js";
import { countCombinations } from "./count-combinations.js";
import { findBatches } from "./find-batches.js";
import { findCombinations } from "./find-combinations.js";
import { groupFailures } from "./group-failures.js";
import { inScope, ofScope } from "./in-scope.js";
import { continuing, deliveredBytes, keptBatches, sharedPaths } from "./kept-batches.js";
import { namedBatches, namedTally } from "./named-batches.js";
import { newestSoundUses } from "./newest-sound-uses.js";
import type { Pace } from "./pace.js";
import { partStates } from "./part-states.js";
import { partsOnlyOf } from "./parts-only-of.js";
import { positionOfNth } from "./position-of-nth.js";
import { reservations } from "./reservations.js";
import { batchRecord, combinationRecord, isStorable } from "./rows.js";
import { save } from "./save.js";
import { stats } from "./stats.js";
import { TABLES_OF_A_BATCH, type Tables } from "./tables.js";
import { takeIn } from "./take-in.js";
import { readWithin } from "./tenants/reader-session.js";
import { unfinished } from "./unfinished.js";
import { beginningWith, withoutDeleted } from "./without-deleted.js";

const TABLES = ["checkpoint", "batches", ...TABLES_OF_A_BATCH] as const satisfies (keyof Tables)[];

export interface SqlProjectionStoreOptions {
  /** If readers and writers block each other: another handle of the same database, and the limit for their waits. */
  readonly shared?: { readonly reading: Kysely<Tables>; readonly pace: Pace };
  /** Availability of the database, if it can be unavailable. */
  readonly presence?: Presence;
  /** Whether reads for one tenant may run as one that sees nothing else. */
  readonly isSecured?: boolean;
}

/**
 * The read model in SQL. Facts are applied by loading what they are about, applying them as in memory, and writing the
 * changes, together with the checkpoint, in one transaction. Several gateways may share one database: the checkpoint's
 * row serialises them, and facts that another has applied already are skipped.
 */
export class SqlProjectionStore implements ProjectionStore {
  #stream = "";
  readonly #reading: Kysely<Tables>;
  private readonly shared: SqlProjectionStoreOptions["shared"];
  readonly presence: Presence | undefined;
  readonly audit: AuditStore;
  /** Reads of a scope, on connections that reach no other. */
  readonly #within: typeof readWithin;

  constructor(
    private readonly db: Kysely<Tables>,
    readonly close: () => Promise<void>,
    { shared, presence, isSecured = false }: SqlProjectionStoreOptions = {},
  ) {
    this.#within = isSecured ? readWithin : (_, work) => work();
    this.shared = shared;
    this.presence = presence;
    this.#reading = shared?.reading ?? db;
    // Callers wait for their entries as they do for rows.
    this.audit = new SqlAudit(this.#reading, this.#within);
  }

  notifications(defaults: (tenant: string) => readonly Notify[]): SqlNotificationStore {
    return new SqlNotificationStore(this.db, this.#reading, defaults, this.#within);
  }

  begin({ created, last }: StreamPosition): Promise<number> {
    this.#stream = created;
    return this.db.transaction().execute(async (db) => {
      await sql`insert into checkpoint (stream, sequence) values (${created}, 0) on conflict do nothing`.execute(db);
      const known = await lockCheckpoint(db);
      if (known?.stream === created && known.sequence <= last) return known.sequence;
      await empty(db);
      await db.insertInto("checkpoint").values({ stream: created, sequence: 0 }).execute();
      return 0;
    });
  }

  forget(): Promise<void> {
    return this.db.transaction().execute(empty);
  }

  async take(facts: readonly FactMessage[], after: number): Promise<KnownBatch[] | undefined> {
    if (!this.shared) return await this.#takeAtOnce(facts, after);
    const complete = new Map<string, KnownBatch>();
    let before = after;
    let isKnown = true;
    await this.shared.pace.each(facts, async (piece) => {
      const found = await this.#takeAtOnce(piece, before);
      isKnown = found !== undefined;
      before = piece.at(-1)?.sequence ?? before;
      for (const { batchId } of piece) complete.delete(batchId);
      for (const batch of found ?? []) complete.set(batch.status.batchId, batch);
      return isKnown;
    });
    return isKnown ? [...complete.values()] : undefined;
  }

  #takeAtOnce(facts: readonly FactMessage[], after: number): Promise<KnownBatch[] | undefined> {
    return this.db.transaction().execute(async (db) => {
      const checkpoint = await lockCheckpoint(db);
      if (!checkpoint || checkpoint.stream !== this.#stream || checkpoint.sequence < after) return undefined;
      const { sequence } = checkpoint;
      const fresh = facts.filter((message) => message.sequence > sequence);
      const last = fresh.at(-1);
      if (last) {
        const tally = new UsageTally();
        const counted = await countedUpTo(db, this.#stream);
        const tallyOf = (message: FactMessage) => (message.sequence > counted ? tally : undefined);
        // What deleted batches used counts, too: it is applied before they are removed.
        for (const piece of beginningWith("batch.deleted", fresh))
          await save(db, await takeIn(db, await withoutDeleted(db, piece), tallyOf));
        if (last.sequence > counted) await addUsage(db, tally, { stream: this.#stream, sequence: last.sequence });
        await db.updateTable("checkpoint").set({ sequence: last.sequence }).execute();
      }
      return await unfinished(db, [...new Set(facts.map(({ batchId }) => batchId))]);
    });
  }

  completed(): Promise<KnownBatch[]> {
    return unfinished(this.#reading);
  }

  async batch(batchId: string, scope: Scope): Promise<KnownBatch | undefined> {
    if (!isStorable(batchId)) return undefined;
    const row = await this.#within(scope, () =>
      this.#reading
        .selectFrom("batches")
        .selectAll()
        .where("id", "=", batchId)
        .where("submitted_at", "is not", null)
        .where(inScope(scope))
        .executeTakeFirst(),
    );
    return row && knownBatch(batchRecord(row));
  }

  batches(query: BatchesQuery): Promise<KnownBatch[]> {
    return this.#within(query.scope, () => findBatches(this.#reading, query));
  }

  namedBatches(query: NamedBatchesQuery): Promise<KnownBatch[]> {
    return this.#within(query.scope, () => namedBatches(this.#reading, query));
  }

  namedTally(query: NamedTallyQuery): Promise<NamedTally> {
    return this.#within(query.scope, () => namedTally(this.#reading, query));
  }

  combination(batchId: string, combinationId: string, scope: Scope): Promise<KnownCombination | undefined> {
    return this.#within(scope, () => this.#combination(batchId, combinationId, scope));
  }

  async #combination(batchId: string, combinationId: string, scope: Scope): Promise<KnownCombination | undefined> {
    if (!isStorable(batchId + combinationId)) return undefined;
    const row = await this.#reading
      .selectFrom("combinations")
      .selectAll()
      .where("batch_id", "=", batchId)
      .where("id", "=", combinationId)
      .where(ofScope(scope))
      .executeTakeFirst();
    if (!row) return undefined;
    const choices = await knownChoices(this.#reading, batchId);
    const record = combinationRecord(row, (number) => choices.chosen(number));
    return knownCombination(record, await outputsOfBatch(this.#reading, batchId));
  }

  async combinations(batchId: string, query: CombinationsQuery): Promise<KnownCombination[]> {
    if (!("all" in query.scope) && !(await this.batch(batchId, query.scope))) return [];
    return await this.#within(query.scope, () =>
      this.#inOneGo(async (db) => {
        const choices = await knownChoices(db, batchId);
        const records = await findCombinations(db, batchId, query, choices);
        const outputs = await outputsOfBatch(db, batchId);
        return records.map((record) => knownCombination(record, outputs));
      }),
    );
  }

  async countCombinations(batchId: string, query: CombinationsQuery): Promise<number> {
    if (!(await this.batch(batchId, query.scope))) return 0;
    return await this.#within(query.scope, () => this.#inOneGo((db) => countCombinations(db, batchId, query)));
  }

  async positionOfNth(batchId: string, query: CombinationsQuery, count: number) {
    if (!(await this.batch(batchId, query.scope))) return undefined;
    return await this.#within(query.scope, () => this.#inOneGo((db) => positionOfNth(db, batchId, query, count)));
  }

  async failureGroups(batchId: string, scope: Scope): Promise<KnownFailures> {
    if (!(await this.batch(batchId, scope))) return { groups: [], omitted: 0 };
    return await this.#within(scope, () => this.#inOneGo((db) => groupFailures(db, batchId)));
  }

  async choiceCounts(batchId: string, scope: Scope): Promise<ChoiceCount[]> {
    if (!(await this.batch(batchId, scope))) return [];
    return await this.#within(scope, () => this.#inOneGo((db) => countChoices(db, batchId)));
  }

  async partStates(batchId: string, names: readonly PartName[], scope: Scope): Promise<(PartState | undefined)[]> {
    if (!isStorable(batchId)) return names.map(() => undefined);
    return await this.#within(scope, () => partStates(this.#reading, batchId, names, scope));
  }

  partsOnlyOf(batchId: string, besides: readonly string[] = []): AsyncIterable<PartName> {
    return partsOnlyOf(this.#reading, batchId, besides);
  }

  keptBatches(scope: Scope): Promise<KeptBatch[]> {
    return this.#within(scope, () => keptBatches(this.#reading, scope));
  }

  continuing(batchId: string): Promise<string[]> {
    return continuing(this.#reading, batchId);
  }

  deliveredBytes(batchIds: readonly string[]): Promise<Map<string, number>> {
    return deliveredBytes(this.#reading, batchIds);
  }

  soundsUsed(): Promise<SoundUse[]> {
    return newestSoundUses(this.#reading);
  }

  usage(query: UsageQuery): Promise<ReadonlyMap<string, Amounts>> {
    return usageIn(this.#reading, query);
  }

  reservations(tenant: string, since: Date): Promise<KnownReservation[]> {
    return this.#within({ tenant }, () => reservations(this.#reading, tenant, since));
  }

  sharedPaths(batchId: string): Promise<string[]> {
    return sharedPaths(this.#reading, batchId);
  }

  stats(query: StatsQuery): Promise<KnownStats> {
    return this.#within(query.scope, () => this.#inOneGo((db) => stats(db, query)));
  }

  /** Several statements in one turn, if readers have to wait for each other. */
  #inOneGo<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.shared ? this.shared.reading.connection().execute(work) : work(this.db);
  }
}

async function lockCheckpoint(db: Transaction<Tables>) {
  return await db.selectFrom("checkpoint").select(["stream", "sequence"]).forUpdate().executeTakeFirst();
}

async function empty(db: Transaction<Tables>): Promise<void> {
  await sql.raw(`truncate ${TABLES.join(", ")}`).execute(db);
}

async function outputsOfBatch(db: Kysely<Tables>, batchId: string): Promise<OutputSummary[]> {
  const row = await db.selectFrom("batches").select("submitted").where("id", "=", batchId).executeTakeFirst();
  return outputsOf(row?.submitted ? fromBinary(BatchSubmittedSchema, row.submitted) : undefined);
}
