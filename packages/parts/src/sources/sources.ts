import { stat } from "node:fs/promises";
import type { Probe } from "@polyreel/media/probe";
import { PolyreelError } from "@polyreel/platform";
import { readBytes, type Store, sourceKey, verifiedKey } from "@polyreel/platform/blobs";
import { digestFile } from "@polyreel/platform/files";
import { SharedWork } from "@polyreel/platform/flow";
import type { Log } from "@polyreel/platform/runtime";
import { type RemovedSource, removeSource } from "./remove-source.js";
import { sourceProbe } from "./source-probe.js";

/** A source's file, whose bytes are those of its hash. */
export interface OpenSource {
  readonly path: string;
  /** To be called after reading it, before what came of it is used. Throws PolyreelError where the file was changed. */
  assertUnchanged(): Promise<void>;
}

/** Of a file as it is now. Anything that writes to it moves its times; without the device, which has a number of its own on each machine. */
interface Identity {
  readonly text: string;
  /** Somebody else has a name for it, too, and may write to it at any time. */
  readonly linked: boolean;
}

interface Found {
  readonly path: string;
  readonly before: Identity;
  readonly signal: AbortSignal;
}

/** A file that changes each time it is read is nobody's source. */
const READS = 3;

/**
 * A tenant's sources, none of which is used or called known unless its bytes are right. They are hashed once; then the file's
 * identity is kept beside it, and only a file of another identity is hashed again. One whose bytes are others is removed, with
 * the parts made from it, and reported.
 */
export class Sources {
  readonly #checks = new SharedWork<Identity | undefined>();

  constructor(
    private readonly store: Store,
    private readonly onRemoved: (removed: RemovedSource) => void,
  ) {}

  /** Whether the store has its bytes: after hashing them, where need be. */
  async has(sha256: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#checked(sha256, signal).catch(ignoreDamaged)) !== undefined;
  }

  /** Throws PolyreelError `not_found`; `invalid` where it was found damaged just now. */
  async open(sha256: string, signal: AbortSignal): Promise<OpenSource> {
    const path = await this.store.localPath(sourceKey(sha256));
    const before = await this.#checked(sha256, signal);
    if (!before) throw notFound(sha256);
    return {
      path,
      assertUnchanged: async () => {
        if ((await identityOf(path))?.text === before.text) return;
        // Another process may have put the same bytes in its place, or removed it because they were others.
        if (!(await this.#checked(sha256, signal))) throw notFound(sha256);
        throw new PolyreelError("unavailable", "A source was replaced in the store while it was read.");
      },
    };
  }

  /** What an opened source is: probed once, and kept beside it. Throws as `probe` does. */
  probe(sha256: string, source: OpenSource, signal: AbortSignal): Promise<Probe> {
    return sourceProbe(sha256, { store: this.store, source }, { signal });
  }

  /** To be called by who has just written it, hashing what was written: it need not be hashed again. */
  async wasWritten(sha256: string): Promise<void> {
    const path = await this.store.localPath(sourceKey(sha256));
    const identity = await identityOf(path);
    if (identity && !identity.linked) await this.#remember(sha256, identity);
  }

  #checked(sha256: string, signal: AbortSignal): Promise<Identity | undefined> {
    return this.#checks.do(sha256, signal, (wanted) => this.#check(sha256, wanted));
  }

  async #check(sha256: string, signal: AbortSignal): Promise<Identity | undefined> {
    const key = sourceKey(sha256);
    for (let read = 0; read < READS; read++) {
      signal.throwIfAborted();
      if (!(await this.store.head(key))) return undefined;
      const path = await this.store.localPath(key);
      const before = await identityOf(path);
      if (!before) continue;
      const damaged = () => this.#damaged(sha256, { path, before, signal });
      if (before.linked) {
        if (!(await this.#takeOver(sha256, path, signal))) throw await damaged();
        continue;
      }
      if ((await this.#remembered(sha256)) === before.text) return before;
      const found = await digestFile(path, signal);
      if ((await identityOf(path))?.text !== before.text) continue; // replaced or written to meanwhile
      if (found.sha256 !== sha256) throw await damaged();
      await this.#remember(sha256, before);
      return before;
    }
    throw new PolyreelError("unavailable", {
      reason: "A source in the store changes while it is read.",
      remedy: "Find out which program writes to the store's files.",
    });
  }

  /** Gives the store bytes of its own in place of a link to a file of somebody else's, where they are right. */
  async #takeOver(sha256: string, path: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.store.put(sourceKey(sha256), { path }, { sha256, signal });
    } catch (error) {
      if (error instanceof PolyreelError && error.code === "invalid") return false;
      throw error;
    }
    await this.wasWritten(sha256);
    return true;
  }

  async #damaged(sha256: string, { path, before, signal }: Found): Promise<PolyreelError> {
    const isStill = async () => {
      const now = await identityOf(path);
      return now !== undefined && (now.linked || now.text === before.text);
    };
    const removed = await removeSource(this.store, sha256, { isStill, signal });
    this.onRemoved(removed);
    return damagedError(removed);
  }

  async #remembered(sha256: string): Promise<string | undefined> {
    const bytes = await readBytes(this.store, verifiedKey(sha256)).catch(ignoreMissing);
    return bytes?.toString();
  }

  async #remember(sha256: string, { text }: Identity): Promise<void> {
    await this.store.put(verifiedKey(sha256), Buffer.from(text));
  }
}

/** For services: what people must know of a removed source. */
export const warnRemoved =
  (log: Pick<Log, "warn">) =>
  ({ sha256, parts }: RemovedSource): void =>
    log.warn(
      { source: sha256, parts: parts.length },
      "a source in the store was not what its hash says, and was removed with the parts made from it",
    );

async function identityOf(path: string): Promise<Identity | undefined> {
  const found = await stat(path, { bigint: true }).catch(ignoreMissing);
  if (!found) return undefined;
  const { ino, size, mtimeNs, ctimeNs, nlink } = found;
  return { text: [ino, size, mtimeNs, ctimeNs].join(" "), linked: nlink > 1n };
}

class DamagedSource extends PolyreelError {}

const damagedError = ({ parts }: RemovedSource): PolyreelError =>
  new DamagedSource("invalid", {
    reason: `The source's bytes in the store were changed or damaged; it was removed, with ${parts.length} parts made from it.`,
    remedy: "Put the file there again, then retry or submit the batch again.",
  });

const notFound = (sha256: string): PolyreelError =>
  new PolyreelError("not_found", `The store has no source ${sha256}.`);

function ignoreDamaged(error: unknown): undefined {
  if (!(error instanceof DamagedSource)) throw error;
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof PolyreelError && error.code === "not_found") return undefined;
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
