import type { Probe } from "@polyreel/media/probe";
import { PolyreelError } from "@polyreel/platform";
import { DamagedObject, readBytes, type Store, sourceKey, verifiedKey } from "@polyreel/platform/blobs";
import { digestFile } from "@polyreel/platform/files";
import { SharedWork } from "@polyreel/platform/flow";
import type { Log } from "@polyreel/platform/runtime";
import { LRUCache } from "lru-cache";
import { SeenKeys } from "../seen-keys.js";
import type { OpenSource } from "./open-source.js";
import { type RemovedSource, removeSource } from "./remove-source.js";
import { keptProbe, sourceProbe } from "./source-probe.js";

/** Attempts to hash a file that keeps changing, before it is rejected. */
const READS = 3;
/** Verified versions kept in memory. */
const VERSIONS = 10_000;
/** Probes kept in memory, of a few kilobytes each. */
const PROBES = 1_000;

/**
 * A tenant's sources. A source is used or reported as present only if its bytes match its hash. It is hashed once; then the
 * object's version is kept beside it, and only another version is hashed again. A source with other bytes is removed, with
 * the parts made from it, and reported.
 */
export class Sources {
  readonly #checks = new SharedWork<string | undefined>();
  /** Versions whose bytes were verified, by hash: as kept beside the objects. */
  readonly #verified = new LRUCache<string, string>({ max: VERSIONS });

  /** Probes by hash: the same bytes have the same probe. */
  readonly #probes = new LRUCache<string, Probe>({ max: PROBES });
  /** Hashes of sources that the store had a moment ago, with the right bytes. */
  readonly #seen: SeenKeys;

  constructor(
    private readonly store: Store,
    private readonly onRemoved: (removed: RemovedSource) => void,
  ) {
    this.#seen = new SeenKeys(store);
  }

  /** Whether the store has its bytes, after hashing them if needed. */
  async has(sha256: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#checked(sha256, signal).catch(ignoreDamaged)) !== undefined;
  }

  /** Throws PolyreelError `not_found`; `invalid` if it turns out to be damaged. */
  async open(sha256: string, signal: AbortSignal): Promise<OpenSource> {
    const key = sourceKey(sha256);
    const checked = await this.#checked(sha256, signal);
    if (!checked) throw notStored();
    const file = await this.store.files.open(key, { signal }).catch(async (error: unknown) => {
      throw error instanceof DamagedObject ? await this.#damaged(sha256, checked, signal) : error;
    });
    return {
      path: file.path,
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
      assertUnchanged: async () => {
        // The same version before and after, hence also while the file was read.
        if ((await this.store.head(key, { signal }))?.version === checked) return;
        // Another process may have replaced it with the same bytes, or removed it because of wrong bytes.
        if (!(await this.#checked(sha256, signal))) throw notStored();
        throw new PolyreelError("unavailable", "A source was replaced in the store while it was read.");
      },
    };
  }

  /**
   * Its probe, if one is kept beside it: without opening it, which may mean to fetch it. A source that the store had a moment
   * ago counts as present: whoever reads its bytes asks again. Throws as `open`.
   */
  async knownProbe(sha256: string, signal: AbortSignal): Promise<Probe | undefined> {
    if (!this.#seen.has(sha256) && !(await this.#checked(sha256, signal))) throw notStored();
    return this.#probes.get(sha256) ?? this.#learn(sha256, await keptProbe(sha256, this.store, signal));
  }

  /** Probe of an opened source: made once, and kept beside it. Throws as `probe` does. */
  async probe(sha256: string, source: OpenSource, signal: AbortSignal): Promise<Probe> {
    const known = this.#probes.get(sha256);
    return known ?? this.#learn(sha256, await sourceProbe(sha256, { store: this.store, source }, { signal }));
  }

  #learn<P extends Probe | undefined>(sha256: string, probe: P): P {
    if (probe) this.#probes.set(sha256, probe);
    return probe;
  }

  /** To be called after writing it with its hash checked: then it need not be hashed again. */
  async wasWritten(sha256: string): Promise<void> {
    const { version } = (await this.store.head(sourceKey(sha256))) ?? {};
    if (version !== undefined) await this.#remember(sha256, version);
  }

  /** Its version; undefined if the store does not have it. */
  #checked(sha256: string, signal: AbortSignal): Promise<string | undefined> {
    return this.#checks.do(sha256, signal, async (wanted) => {
      this.#seen.delete(sha256);
      const version = await this.#check(sha256, wanted);
      if (version !== undefined) this.#seen.add(sha256);
      return version;
    });
  }

  async #check(sha256: string, signal: AbortSignal): Promise<string | undefined> {
    const key = sourceKey(sha256);
    for (let read = 0; read < READS; read++) {
      const found = await this.store.head(key, { signal });
      if (!found) return undefined;
      const { version } = found;
      if (version === undefined) {
        if (!(await this.#takeOver(sha256, signal))) throw await this.#damaged(sha256, version, signal);
        continue;
      }
      if (await this.#isVerified(sha256, version)) return version;
      const digest = await this.#digest(key, signal).catch(ignoreUnreadable);
      if ((await this.store.head(key, { signal }))?.version !== version) continue; // Replaced or changed meanwhile.
      if (digest?.sha256 !== sha256) throw await this.#damaged(sha256, version, signal);
      await this.#remember(sha256, version);
      return version;
    }
    throw new PolyreelError("unavailable", {
      reason: "A source in the store changes while it is read.",
      remedy: "Find out which program writes to the store's files.",
    });
  }

  async #digest(key: string, signal: AbortSignal) {
    await using file = await this.store.files.open(key, { signal });
    return await digestFile(file.path, signal);
  }

  /** Replaces a link to a user's file by a copy in the store, if its bytes are right. */
  async #takeOver(sha256: string, signal: AbortSignal): Promise<boolean> {
    const key = sourceKey(sha256);
    try {
      await using file = await this.store.files.open(key, { signal });
      await this.store.put(key, { path: file.path }, { sha256, signal });
    } catch (error) {
      if (error instanceof PolyreelError && error.code === "invalid") return false;
      throw error;
    }
    await this.wasWritten(sha256);
    return true;
  }

  async #damaged(sha256: string, version: string | undefined, signal: AbortSignal): Promise<PolyreelError> {
    const isStill = async () => {
      const now = await this.store.head(sourceKey(sha256), { signal });
      return now !== undefined && (now.version === undefined || now.version === version);
    };
    const removed = await removeSource(this.store, sha256, { isStill, signal });
    this.onRemoved(removed);
    return damagedError(removed);
  }

  async #isVerified(sha256: string, version: string): Promise<boolean> {
    if (this.#verified.get(sha256) === version) return true;
    const kept = await readBytes(this.store, verifiedKey(sha256)).catch(ignoreUnreadable);
    if (kept?.toString() !== version) return false;
    this.#verified.set(sha256, version);
    return true;
  }

  async #remember(sha256: string, version: string): Promise<void> {
    await this.store.put(verifiedKey(sha256), Buffer.from(version));
    this.#verified.set(sha256, version);
  }
}

/** For services: logs a removed source. */
export const warnRemoved =
  (log: Pick<Log, "warn">) =>
  ({ sha256, parts }: RemovedSource): void =>
    log.warn(
      { source: sha256, parts: parts.length },
      "a source in the store did not match its hash, and was removed with the parts made from it",
    );

class DamagedSource extends PolyreelError {}

const damagedError = ({ parts }: RemovedSource): PolyreelError =>
  new DamagedSource("invalid", {
    reason: `The source's bytes in the store were changed or damaged; it was removed, with ${parts.length} parts made from it.`,
    remedy: "Put the file there again, then retry or submit the batch again.",
  });

export const notStored = (): PolyreelError =>
  new PolyreelError("not_found", {
    reason: "The source is not in the store.",
    remedy: "Put it there with SourceService.PutSource, then submit again.",
  });

function ignoreDamaged(error: unknown): undefined {
  if (!(error instanceof DamagedSource)) throw error;
}

/** undefined if it does not exist, or is damaged. */
function ignoreUnreadable(error: unknown): undefined {
  if (error instanceof DamagedObject) return undefined;
  if (error instanceof PolyreelError && error.code === "not_found") return undefined;
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
