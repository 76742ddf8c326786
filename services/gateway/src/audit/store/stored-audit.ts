import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type AuditEntry, AuditEntrySchema } from "@polyreel/contract";
import { AUDIT_LOG, type BlobStore, readBytesIfAny } from "@polyreel/platform/blobs";
import { invertedAuditId, lowestAuditId } from "../audit-id.js";
import { type AuditQuery, type AuditStore, passes } from "./audit-store.js";

/** Objects that are written or read at the same time. */
const AT_ONCE = 16;
const REMOVED_AT_ONCE = 1000;

const keyOf = (id: string): string => `${AUDIT_LOG}/${invertedAuditId(id)}`;
const idOf = (key: string): string => invertedAuditId(key.slice(AUDIT_LOG.length + 1));

/**
 * The audit log as objects of the store, one an entry, under keys that list the newest first: for gateways without a database,
 * and for entries that a database did not take.
 */
export class StoredAudit implements AuditStore {
  constructor(private readonly store: BlobStore) {}

  async append(entries: readonly AuditEntry[]): Promise<void> {
    for (let at = 0; at < entries.length; at += AT_ONCE) {
      const writes = entries.slice(at, at + AT_ONCE).map((entry) => this.#put(entry));
      await Promise.all(writes);
    }
  }

  async list(query: AuditQuery, signal?: AbortSignal): Promise<AuditEntry[]> {
    const found: AuditEntry[] = [];
    const oldest = query.from && lowestAuditId(query.from);
    const newest = [query.before, query.to && lowestAuditId(query.to)].flatMap((id) => id ?? []).sort()[0];
    const after = newest === undefined ? {} : { after: keyOf(newest) };
    let keys: string[] = [];
    const read = async () => {
      const entries = await Promise.all(keys.map((key) => this.#get(key, signal)));
      found.push(...entries.filter((entry) => entry !== undefined).filter((entry) => passes(entry, query)));
      keys = [];
    };
    for await (const { key } of this.store.list(`${AUDIT_LOG}/`, { signal, ...after })) {
      if (oldest !== undefined && idOf(key) < oldest) break;
      keys.push(key);
      if (keys.length < AT_ONCE) continue;
      await read();
      if (found.length >= query.limit) break;
    }
    await read();
    return found.slice(0, query.limit);
  }

  async removeBelow(id: string, signal?: AbortSignal): Promise<number> {
    let removed = 0;
    let keys: string[] = [];
    const remove = async () => {
      await this.store.remove(keys, { signal });
      removed += keys.length;
      keys = [];
    };
    for await (const { key } of this.store.list(`${AUDIT_LOG}/`, { signal, after: keyOf(id) })) {
      keys.push(key);
      if (keys.length >= REMOVED_AT_ONCE) await remove();
    }
    if (keys.length > 0) await remove();
    return removed;
  }

  /** For those that are kept elsewhere now. */
  async remove(entries: readonly AuditEntry[]): Promise<void> {
    await this.store.remove(entries.map(({ id }) => keyOf(id)));
  }

  async #put(entry: AuditEntry): Promise<void> {
    await this.store.put(keyOf(entry.id), toBinary(AuditEntrySchema, entry), { ifAbsent: true });
  }

  /** Undefined if it was removed just now. */
  async #get(key: string, signal?: AbortSignal): Promise<AuditEntry | undefined> {
    const bytes = await readBytesIfAny(this.store, key, { signal });
    return bytes && fromBinary(AuditEntrySchema, bytes);
  }
}
