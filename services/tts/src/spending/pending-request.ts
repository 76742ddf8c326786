import { type BlobStore, speechRequestKey } from "@polyreel/platform/blobs";

/**
 * Mark of a line that a provider was asked for and whose answer is not kept: an empty object of the tenant's store. It outlasts
 * kills, cancels and broken connections.
 */
export class PendingRequest {
  readonly #key: string;

  /** @param hash of the line's part */
  constructor(
    private readonly store: Pick<BlobStore, "head" | "put" | "remove">,
    hash: string,
  ) {
    this.#key = speechRequestKey(hash);
  }

  /** When the line was first asked for; undefined if nothing is pending. */
  async since(signal: AbortSignal): Promise<Date | undefined> {
    return (await this.store.head(this.#key, { signal }))?.writtenAt;
  }

  /** To be called before each request. Returns what takes it back: for a refused one. A mark of an earlier request stays. */
  async mark(): Promise<() => Promise<void>> {
    const isFirst = await this.store.put(this.#key, new Uint8Array(), { ifAbsent: true });
    return async () => {
      if (isFirst) await this.clear();
    };
  }

  /** The answer is kept. */
  async clear(): Promise<void> {
    await this.store.remove([this.#key]);
  }
}
