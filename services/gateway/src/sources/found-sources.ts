import { SOURCES, type Store } from "@polyreel/platform/blobs";
import type { FoundSource } from "./stored-source.js";

const KEY = /^sources\/([0-9a-f]{64})(?:\.(record|used|removal))?$/;

/** All objects of one hash; without `storedAt`, the source itself is missing. */
export interface SourceObjects {
  readonly sha256: string;
  readonly source: FoundSource | undefined;
  readonly hasRecord: boolean;
  /** When the newest of them was written. */
  readonly touchedAt: Date;
}

/** All sources of a tenant's store, ascending by hash, from one listing of names: no object is read. */
export async function* sourceObjects(store: Store, signal: AbortSignal): AsyncGenerator<SourceObjects> {
  let current: { sha256: string; sizeBytes?: number; storedAt?: Date; usedAt?: Date; touchedAt: Date; record: boolean };
  const whole = ({ sha256, sizeBytes, storedAt, usedAt, touchedAt, record }: typeof current): SourceObjects => ({
    ...{ sha256, hasRecord: record, touchedAt },
    source: storedAt && sizeBytes !== undefined ? { sha256, sizeBytes, storedAt, usedAt } : undefined,
  });
  let isFirst = true;
  current = { sha256: "", touchedAt: new Date(0), record: false };
  for await (const { key, sizeBytes, writtenAt } of store.list(`${SOURCES}/`, { signal })) {
    const [, sha256, beside] = KEY.exec(key) ?? [];
    if (!sha256) continue;
    if (sha256 !== current.sha256) {
      if (!isFirst) yield whole(current);
      isFirst = false;
      current = { sha256, touchedAt: writtenAt, record: false };
    }
    if (beside === undefined) current = { ...current, sizeBytes, storedAt: writtenAt };
    if (beside === "used") current = { ...current, usedAt: writtenAt };
    if (beside === "record") current = { ...current, record: true };
    if (writtenAt > current.touchedAt) current = { ...current, touchedAt: writtenAt };
  }
  if (!isFirst) yield whole(current);
}
