import { type BatchSubmitted, type Notify, outputsOf, requestedKinds } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";
import { reaches, type Scope } from "../../call/call.js";
import { MemoryNotificationStore } from "../../notify/store/memory-notification-store.js";
import { applyCounting } from "../../usage/apply-counting.js";
import { MemoryUsage } from "../../usage/memory-usage.js";
import type { UsageQuery } from "../../usage/usage-query.js";
import type { Amounts } from "../../usage/usage-tally.js";
import { belongsTo } from "../apply.js";
import { comparePositions, positionOf } from "../batch-order.js";
import {
  type BatchRecord,
  type BatchRecords,
  type CombinationRecord,
  type DeliveryRecord,
  newBatchRecords,
  type PartState,
} from "../batch-record.js";
import { BY_ORDINAL, positionOf as positionOfCombination } from "../combination-order.js";
import type { NamedBatchesQuery, NamedTally, NamedTallyQuery } from "../named-batches.js";
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
import { type KnownReservation, knownReservation } from "../reservation.js";
import {
  combinationStatus,
  hasCause,
  hasChoices,
  hasFailure,
  isFinished,
  isInState,
  isUnfinished,
  knownBatch,
  knownCombination,
} from "../status.js";
import { countChoices } from "./count-choices.js";
import { groupFailures } from "./group-failures.js";
import { namedBatches, namedTally } from "./named-batches.js";
import { Ordinals } from "./ordinals.js";
import { SortedView } from "./sorted-view.js";
import { statsOf } from "./stats-of.js";

interface Kept {
  readonly records: BatchRecords;
  readonly ordinals: Ordinals;
  readonly sorted: SortedView;
}

/** The read model in memory: available at once, and rebuilt from the stream by the next process. */
export class MemoryProjectionStore implements ProjectionStore {
  readonly #batches = new Map<string, Kept>();
  readonly #usage = new MemoryUsage();

  notifications(defaults: (tenant: string) => readonly Notify[]): MemoryNotificationStore {
    return new MemoryNotificationStore(defaults);
  }

  async begin({ created }: StreamPosition): Promise<number> {
    this.#usage.begin(created);
    await this.forget();
    return 0;
  }

  async forget(): Promise<void> {
    this.#batches.clear();
  }

  async take(facts: readonly FactMessage[]): Promise<KnownBatch[]> {
    const touched = new Set<Kept>();
    for (const message of facts) {
      if (!belongsTo(this.#batches.get(message.batchId)?.records.batch, message)) continue;
      if (message.name === "batch.deleted") {
        const gone = this.#batches.get(message.batchId);
        this.#batches.delete(message.batchId);
        if (gone) touched.delete(gone);
        continue;
      }
      const kept = this.#batches.get(message.batchId) ?? this.#add(message.batchId);
      applyCounting(kept.records, message, this.#usage.tallyOf(message.sequence));
      kept.sorted.outdate();
      touched.add(kept);
    }
    return unfinished(touched);
  }

  async completed(): Promise<KnownBatch[]> {
    return unfinished(this.#batches.values());
  }

  async batch(batchId: string, scope: Scope): Promise<KnownBatch | undefined> {
    const batch = this.#within(batchId, scope)?.records.batch;
    return batch?.submitted && knownBatch(batch);
  }

  async batches(query: BatchesQuery): Promise<KnownBatch[]> {
    return pageOf(this.#known(), query);
  }

  async namedBatches(query: NamedBatchesQuery): Promise<KnownBatch[]> {
    return namedBatches(this.#known(), query);
  }

  async namedTally(query: NamedTallyQuery): Promise<NamedTally> {
    return namedTally(this.#known(), query);
  }

  async combination(batchId: string, combinationId: string, scope: Scope): Promise<KnownCombination | undefined> {
    const { batch, combinations } = this.#within(batchId, scope)?.records ?? {};
    const record = combinations?.get(combinationId);
    return record && knownCombination(record, outputsOf(batch?.submitted));
  }

  async combinations(batchId: string, query: CombinationsQuery): Promise<KnownCombination[]> {
    const found: KnownCombination[] = [];
    if (query.limit === 0) return found;
    const outputs = outputsOf(this.#batches.get(batchId)?.records.batch.submitted);
    for (const record of this.#matching(batchId, query))
      if (found.push(knownCombination(record, outputs)) === query.limit) break;
    return found;
  }

  async countCombinations(batchId: string, query: CombinationsQuery): Promise<number> {
    let count = 0;
    for (const _ of this.#matching(batchId, { ...query, order: BY_ORDINAL, after: undefined })) count++;
    return count;
  }

  async positionOfNth(batchId: string, query: CombinationsQuery, count: number) {
    let passed = 0;
    for (const record of this.#matching(batchId, { ...query, after: undefined }))
      if (++passed === count) return positionOfCombination(combinationStatus(record), query.order);
    return undefined;
  }

  *#matching(batchId: string, query: CombinationsQuery): Generator<CombinationRecord> {
    const kept = this.#within(batchId, query.scope);
    if (!kept) return;
    for (const record of inOrder(kept, query)) if (matches(record, query)) yield record;
  }

  async failureGroups(batchId: string, scope: Scope): Promise<KnownFailures> {
    const kept = this.#within(batchId, scope);
    return groupFailures(kept ? kept.ordinals.after(undefined, "asc") : []);
  }

  async choiceCounts(batchId: string, scope: Scope): Promise<ChoiceCount[]> {
    return countChoices(this.#within(batchId, scope)?.records.combinations.values() ?? []);
  }

  async partStates(batchId: string, names: readonly PartName[], scope: Scope): Promise<(PartState | undefined)[]> {
    const parts = this.#within(batchId, scope)?.records.parts;
    return names.map(({ kind, hash }) => parts?.[kind].get(hash)?.state);
  }

  async stats(query: StatsQuery): Promise<KnownStats> {
    return statsOf(this.#all(), query);
  }

  async keptBatches(scope: Scope): Promise<KeptBatch[]> {
    return this.#all().flatMap(({ batch }) =>
      batch.submitted && !batch.deleting && reaches(scope, batch.submitted.tenant)
        ? keptBatch(batch, batch.submitted)
        : [],
    );
  }

  async continuing(batchId: string): Promise<string[]> {
    const continues = ({ batch }: BatchRecords) =>
      batchId !== "" && !batch.deleting && batch.submitted?.continues === batchId;
    return this.#all().flatMap((records) => (continues(records) ? records.batch.id : []));
  }

  async deliveredBytes(batchIds: readonly string[]): Promise<Map<string, number>> {
    return new Map(batchIds.map((id) => [id, bytesOf(this.#batches.get(id)?.records.deliveries.values() ?? [])]));
  }

  async soundsUsed(): Promise<SoundUse[]> {
    const newest = new Map<string, SoundUse>();
    for (const { batch, soundsUsed } of this.#all()) {
      const tenant = batch.submitted?.tenant ?? "";
      for (const [hash, usedAt] of soundsUsed) {
        const known = newest.get(`${tenant} ${hash}`);
        if (!known || known.usedAt < usedAt) newest.set(`${tenant} ${hash}`, { tenant, hash, usedAt });
      }
    }
    return [...newest.values()];
  }

  async usage(query: UsageQuery): Promise<ReadonlyMap<string, Amounts>> {
    return this.#usage.find(query);
  }

  async reservations(tenant: string, since: Date): Promise<KnownReservation[]> {
    return this.#all().flatMap(({ batch }) =>
      batch.submitted?.tenant === tenant ? (knownReservation(batch, since) ?? []) : [],
    );
  }

  async sharedPaths(batchId: string): Promise<string[]> {
    const own = this.#batches.get(batchId)?.records;
    const paths = new Set([...(own?.deliveries.values() ?? [])].map(({ path }) => path));
    if (paths.size === 0) return [];
    const others = this.#all().filter((records) => records !== own && !records.batch.deleting);
    const written = others.flatMap(({ deliveries }) => [...deliveries.values()].map(({ path }) => path));
    return [...new Set(written.filter((path) => paths.has(path)))];
  }

  async *partsOnlyOf(batchId: string, besides: readonly string[] = []): AsyncGenerator<PartName> {
    const own = this.#batches.get(batchId)?.records;
    if (!own) return;
    const aside = new Set([batchId, ...besides]);
    const tenant = own.batch.submitted?.tenant;
    const others = [...this.#batches.values()].filter(
      ({ records: { batch } }) => !aside.has(batch.id) && !batch.deleting && batch.submitted?.tenant === tenant,
    );
    for (const kind of requestedKinds) {
      for (const hash of own.parts[kind].keys()) {
        if (!others.some(({ records }) => records.parts[kind].has(hash))) yield { kind, hash };
      }
    }
  }

  async close(): Promise<void> {}

  #within(batchId: string, scope: Scope): Kept | undefined {
    const kept = this.#batches.get(batchId);
    return kept && reaches(scope, kept.records.batch.submitted?.tenant ?? "") ? kept : undefined;
  }

  #known(): KnownBatch[] {
    return this.#all().flatMap(({ batch }) => (batch.submitted ? knownBatch(batch) : []));
  }

  #all(): BatchRecords[] {
    return [...this.#batches.values()].map(({ records }) => records);
  }

  #add(batchId: string): Kept {
    const records = newBatchRecords(batchId);
    const { combinations } = records;
    const kept = { records, ordinals: new Ordinals(combinations), sorted: new SortedView(combinations) };
    this.#batches.set(batchId, kept);
    return kept;
  }
}

const keptBatch = (batch: BatchRecord, { tenant, name, continues }: BatchSubmitted): KeptBatch => ({
  batchId: batch.id,
  tenant,
  name,
  endedAt: isFinished(batch) ? batch.finishedAt : undefined,
  continues,
});

/** Files at the same path count once. */
function bytesOf(deliveries: Iterable<DeliveryRecord>): number {
  const atPath = new Map<string, number>();
  for (const { path, sizeBytes } of deliveries) atPath.set(path, Math.max(sizeBytes, atPath.get(path) ?? 0));
  return [...atPath.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function inOrder({ ordinals, sorted }: Kept, { order, after }: CombinationsQuery): Iterable<CombinationRecord> {
  const byOrdinal = order.key === "ordinal" && order.state === undefined;
  return byOrdinal ? ordinals.after(after?.ordinal, order.direction) : sorted.after(order, after);
}

const matches = (record: CombinationRecord, query: CombinationsQuery): boolean =>
  isInState(record, query.state) &&
  hasChoices(record, query.choices) &&
  hasFailure(record, query) &&
  hasCause(record, query.causes);

const unfinished = (all: Iterable<Kept>): KnownBatch[] =>
  [...all].flatMap(({ records: { batch } }) => (isUnfinished(batch) ? knownBatch(batch) : []));

/** The requested page of all batches. */
function pageOf(all: readonly KnownBatch[], query: BatchesQuery): KnownBatch[] {
  const { scope, states, text = "", order, after, limit } = query;
  const compare = comparePositions(order);
  return all
    .filter(({ status }) => reaches(scope, status.tenant))
    .filter(({ status }) => states.length === 0 || states.includes(status.state))
    .filter(({ status }) => status.name.toLowerCase().includes(text.toLowerCase()) || status.batchId.startsWith(text))
    .map((batch) => ({ batch, position: positionOf(batch.status, order) }))
    .filter(({ position }) => !after || compare(position, after) > 0)
    .sort((a, b) => compare(a.position, b.position))
    .slice(0, limit)
    .map(({ batch }) => batch);
}
