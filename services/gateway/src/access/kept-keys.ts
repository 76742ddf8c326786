import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate, timestampMs } from "@bufbuild/protobuf/wkt";
import { type Key, type KeyRecord, KeyRecordSchema, Role } from "@polyreel/contract";
import {
  ACCESS_KEYS,
  accessKeyKey,
  accessKeyRevokedKey,
  accessKeyUseKey,
  readBytesIfAny,
  type Store,
} from "@polyreel/platform/blobs";

/** Keys in the store, which all gateways share: it outlives the read model. */
export class KeptKeys {
  constructor(private readonly store: Store) {}

  async put(record: KeyRecord): Promise<void> {
    const id = record.key?.id ?? "";
    await this.store.put(accessKeyKey(id), Buffer.from(toBinary(KeyRecordSchema, record)), { ifAbsent: true });
  }

  /** Undefined if no key has this id. */
  async get(id: string, signal?: AbortSignal): Promise<KeyRecord | undefined> {
    const bytes = await readBytesIfAny(this.store, accessKeyKey(id), { signal });
    if (!bytes) return undefined;
    const record = fromBinary(KeyRecordSchema, bytes);
    return record.key ? { ...record, key: await this.#current(record.key, signal) } : undefined;
  }

  /** The newest first. */
  async list(signal?: AbortSignal): Promise<Key[]> {
    const keys: Key[] = [];
    for await (const { key } of this.store.list(`${ACCESS_KEYS}/`, { signal })) {
      const name = key.slice(`${ACCESS_KEYS}/`.length);
      if (name.includes(".")) continue;
      const record = await this.get(name, signal);
      if (record?.key) keys.push(record.key);
    }
    const seconds = ({ createdAt }: Key) => Number(createdAt?.seconds ?? 0n);
    return keys.sort((a, b) => seconds(b) - seconds(a));
  }

  async isEmpty(): Promise<boolean> {
    for await (const _ of this.store.list(`${ACCESS_KEYS}/`)) return false;
    return true;
  }

  /** Whether a key of operators is valid. */
  async hasOperator(): Promise<boolean> {
    const now = Date.now();
    const keys = await this.list();
    return keys.some(
      ({ role, revokedAt, expiresAt }) =>
        role === Role.OPERATOR && !revokedAt && (expiresAt === undefined || timestampMs(expiresAt) > now),
    );
  }

  /** Once: later calls leave the first time. */
  async revoke(id: string): Promise<void> {
    await this.store.put(accessKeyRevokedKey(id), Buffer.alloc(0), { ifAbsent: true });
  }

  async noteUse(id: string): Promise<void> {
    await this.store.put(accessKeyUseKey(id), Buffer.alloc(0));
  }

  async #current(key: Key, signal?: AbortSignal): Promise<Key> {
    const [revoked, used] = await Promise.all([
      this.store.head(accessKeyRevokedKey(key.id), { signal }),
      this.store.head(accessKeyUseKey(key.id), { signal }),
    ]);
    return {
      ...key,
      ...(revoked && { revokedAt: timestampFromDate(revoked.writtenAt) }),
      ...(used && { lastUsedAt: timestampFromDate(used.writtenAt) }),
    };
  }
}

/** What is kept of a new key. */
export const keyRecord = (key: Key, secretSha256: Uint8Array): KeyRecord =>
  create(KeyRecordSchema, { key, secretSha256 });
