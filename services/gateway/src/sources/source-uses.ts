import { createHash } from "node:crypto";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type Batch, BatchState } from "@polyreel/contract";
import { readSpecification } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import { fetchedKey, readBytesIfAny, type Store, scopedStore } from "@polyreel/platform/blobs";
import { sourcePlaces } from "@polyreel/spec";
import { LRUCache } from "lru-cache";
import { NEWEST_FIRST, positionOf } from "../read-model/batch-order.js";
import type { KnownBatch, ReadModel } from "../read-model/read-model.js";

/** Batches read from the read model at a time. */
const PAGE = 500;
/** Hashes and addresses of specifications kept in memory. As a size: a cache allocates its greatest number at once. */
const MAX_KEPT = 200_000;

interface Deps {
  readonly model: ReadModel;
  readonly store: Store;
}

/** Sources that a specification names. */
interface Named {
  readonly hashes: ReadonlySet<string>;
  readonly urls: readonly string[];
}

const NOTHING: Named = { hashes: new Set(), urls: [] };

/** Which sources the kept batches use: those that their specifications name, and those fetched for their addresses. */
export class SourceUses {
  readonly #named = new LRUCache<string, Named>({
    maxSize: MAX_KEPT,
    sizeCalculation: ({ hashes, urls }) => 1 + hashes.size + urls.length,
  });
  /** Hashes of fetched bytes, by key of the outcome. */
  readonly #fetched = new LRUCache<string, string>({ maxSize: MAX_KEPT, sizeCalculation: () => 1 });

  constructor(private readonly deps: Deps) {}

  /**
   * Ids of the kept batches of a tenant that use a source, the newest first, at most `most`; of those submitted after
   * `since` alone, if it is given.
   */
  async usersOf(
    tenant: string,
    sha256: string,
    { most, since }: { readonly most: number; readonly since?: Date },
    signal: AbortSignal,
  ): Promise<string[]> {
    const users: string[] = [];
    for await (const batch of this.#batches(tenant, signal)) {
      const { submittedAt } = batch.status;
      if (since && submittedAt && timestampDate(submittedAt) < since) break;
      if ((await this.sourcesOf(batch, signal)).has(sha256)) users.push(batch.status.batchId);
      if (users.length >= most) break;
    }
    return users;
  }

  /** All sources that kept batches of a tenant use. */
  async used(tenant: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const used = new Set<string>();
    for await (const batch of this.#batches(tenant, signal)) {
      for (const sha256 of await this.sourcesOf(batch, signal)) used.add(sha256);
    }
    return used;
  }

  /** Sources of one batch. */
  async sourcesOf({ status, specSha256 }: KnownBatch, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { batchId, tenant } = status;
    const store = scopedStore(this.deps.store, tenant);
    const { hashes, urls } = await this.#namedBy(store, { batchId, tenant, specSha256 });
    if (urls.length === 0) return hashes;
    const all = new Set(hashes);
    for (const url of urls) {
      signal.throwIfAborted();
      const sha256 = await this.#fetchedFor(store, { batchId, tenant, url });
      if (sha256) all.add(sha256);
    }
    return all;
  }

  async *#batches(tenant: string, signal: AbortSignal): AsyncGenerator<KnownBatch> {
    const { model } = this.deps;
    await model.reached(0);
    const query = { scope: { tenant }, states: [], order: NEWEST_FIRST, limit: PAGE } as const;
    let page: KnownBatch[] = [];
    do {
      signal.throwIfAborted();
      const end = page.at(-1);
      page = await model.batches({ ...query, after: end && positionOf(end.status, NEWEST_FIRST) });
      for (const batch of page) if (batch.status.state !== BatchState.DELETING) yield batch;
    } while (page.length === PAGE);
  }

  async #namedBy(
    store: Store,
    { batchId, tenant, specSha256 }: { batchId: string; tenant: string; specSha256: string },
  ): Promise<Named> {
    const key = `${tenant}/${batchId}/${specSha256}`;
    const known = this.#named.get(key);
    if (known) return known;
    const batch = await readSpecification(store, { batchId, specSha256 }).catch((error: unknown) => {
      if (error instanceof PolyreelError && error.code === "not_found") return undefined; // It is being deleted.
      throw error;
    });
    if (!batch) return NOTHING;
    const named = namedSources(batch);
    this.#named.set(key, named);
    return named;
  }

  async #fetchedFor(
    store: Store,
    { batchId, tenant, url }: { batchId: string; tenant: string; url: string },
  ): Promise<string | undefined> {
    const key = fetchedKey(batchId, createHash("sha256").update(url).digest("hex"));
    const known = this.#fetched.get(`${tenant}/${key}`);
    if (known) return known;
    const bytes = await readBytesIfAny(store, key);
    const { sha256 } = bytes ? (JSON.parse(bytes.toString()) as { sha256?: string }) : {};
    if (sha256) this.#fetched.set(`${tenant}/${key}`, sha256);
    return sha256;
  }
}

/** Every source that a batch names. */
function namedSources(batch: Batch): Named {
  const hashes = new Set<string>();
  const urls = new Set<string>();
  for (const { source } of sourcePlaces(batch)) {
    const { location } = source;
    if (location.case === "sha256") hashes.add(location.value);
    if (location.case === "url") urls.add(location.value);
  }
  return { hashes, urls: [...urls] };
}
