import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { PolyreelError } from "@polyreel/platform";
import { type BlobStore, readBytesIfAny } from "@polyreel/platform/blobs";
import { LRUCache } from "lru-cache";

/** A change is refused when it takes longer: until then, nothing that it could replace unnoticed is removed. */
const CHANGE_WITHIN_MS = 30_000;
/** Earlier revisions are removed this long after they were replaced. */
const KEPT_FOR_MS = 2 * CHANGE_WITHIN_MS;
const MAX_ATTEMPTS = 10;
/** Other gateways notice a change after this time. */
const KNOWN_FOR_MS = 30_000;
const MAX_KNOWN = 10_000;

interface Revision<T> {
  readonly number: number;
  readonly value: T;
}

type Change<D extends DescMessage> = (
  current: MessageShape<D> | undefined,
) => MessageShape<D> | undefined | Promise<MessageShape<D> | undefined>;

/**
 * Messages in the store that change, shared by all gateways: `<prefix>/<id>/<revision>`. Every revision is an object of its own,
 * written only if there is none: of concurrent changes of one revision, one succeeds, and the others begin again.
 */
export class RevisedRecords<D extends DescMessage> {
  readonly #known: LRUCache<string, { readonly value: MessageShape<D> | undefined }> = new LRUCache({
    max: MAX_KNOWN,
    ttl: KNOWN_FOR_MS,
    fetchMethod: async (id) => ({ value: await this.get(id) }),
  });

  constructor(
    private readonly store: BlobStore,
    private readonly prefix: string,
    private readonly schema: D,
  ) {}

  /** The newest revision; undefined if there never was one. */
  async get(id: string, signal?: AbortSignal): Promise<MessageShape<D> | undefined> {
    return (await this.#newest(id, signal)).newest?.value;
  }

  /** The same, up to half a minute old: for every request. */
  async known(id: string): Promise<MessageShape<D> | undefined> {
    return (await this.#known.fetch(id))?.value;
  }

  /** The same at once; undefined also for one that was not looked up lately. */
  recalled(id: string): MessageShape<D> | undefined {
    return this.#known.get(id)?.value;
  }

  /** All whose ids begin with `start`, ascending by id. */
  async *list(start: string, signal?: AbortSignal): AsyncGenerator<MessageShape<D>> {
    const ids = new Set<string>();
    for await (const { key } of this.store.list(`${this.prefix}/${start}`, { signal })) {
      ids.add(key.slice(this.prefix.length + 1).split("/", 1)[0] ?? "");
    }
    for (const id of ids) {
      const value = await this.get(id, signal);
      if (value) yield value;
    }
  }

  /**
   * Replaces a record by what `change` makes of the current one (undefined if there is none), and returns it; undefined, and
   * nothing changes, if `change` returns undefined. It may be called several times. What it throws is thrown.
   */
  async change(id: string, change: Change<D>): Promise<MessageShape<D> | undefined> {
    try {
      return await this.#replace(id, change);
    } finally {
      this.#known.delete(id);
    }
  }

  async #replace(id: string, change: Change<D>): Promise<MessageShape<D> | undefined> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const readAt = performance.now();
      const { newest, replaced } = await this.#newest(id);
      const value = await change(newest?.value);
      if (value === undefined) return undefined;
      if (performance.now() - readAt > CHANGE_WITHIN_MS) continue;
      const bytes = Buffer.from(toBinary(this.schema, value));
      const isWritten = await this.store.put(this.#key(id, (newest?.number ?? 0) + 1), bytes, { ifAbsent: true });
      if (!isWritten) continue;
      if (replaced.length > 0) await this.store.remove(replaced);
      return value;
    }
    throw new PolyreelError("unavailable", {
      reason: "Others change the same record all the time.",
      remedy: "Try again.",
    });
  }

  async remove(id: string): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of this.store.list(`${this.prefix}/${id}/`)) keys.push(key);
    await this.store.remove(keys);
  }

  /** The newest revision, and keys of those that were replaced long ago. */
  async #newest(
    id: string,
    signal?: AbortSignal,
  ): Promise<{ newest: Revision<MessageShape<D>> | undefined; replaced: string[] }> {
    for (;;) {
      let last: string | undefined;
      const replaced: string[] = [];
      const longAgo = Date.now() - KEPT_FOR_MS;
      for await (const { key, writtenAt } of this.store.list(`${this.prefix}/${id}/`, { signal })) {
        if (last !== undefined && writtenAt.getTime() < longAgo) replaced.push(last);
        last = key;
      }
      if (last === undefined) return { newest: undefined, replaced };
      const bytes = await readBytesIfAny(this.store, last, { signal });
      // Otherwise it was removed since it was listed.
      if (bytes) {
        const number = Number(last.slice(last.lastIndexOf("/") + 1));
        return { newest: { number, value: fromBinary(this.schema, bytes) }, replaced };
      }
    }
  }

  /** Numbers have leading zeros, so that keys are in order. */
  #key = (id: string, revision: number): string => `${this.prefix}/${id}/${String(revision).padStart(10, "0")}`;
}
