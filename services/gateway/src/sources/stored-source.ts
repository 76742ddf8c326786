import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type SourceRecord, type StoredSource, StoredSourceSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { type Store, sourceKey, sourceUseKey } from "@polyreel/platform/blobs";
import { readRecord } from "./source-record.js";

/** A source's objects in the store. */
export interface FoundSource {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly storedAt: Date;
  readonly usedAt: Date | undefined;
}

/** Throws PolyreelError `not_found`. */
export async function findSource(store: Store, sha256: string, signal: AbortSignal): Promise<FoundSource> {
  const [found, used] = await Promise.all([
    store.head(sourceKey(sha256), { signal }),
    store.head(sourceUseKey(sha256), { signal }),
  ]);
  if (!found) throw noSource(sha256);
  return { sha256, sizeBytes: found.sizeBytes, storedAt: found.writtenAt, usedAt: used?.writtenAt };
}

/** A source for clients, with what is recorded of it. */
export async function describeSource(
  { store, tenant }: { readonly store: Store; readonly tenant: string },
  found: FoundSource,
  signal: AbortSignal,
): Promise<StoredSource> {
  return storedSource(tenant, found, await readRecord(store, found.sha256, signal));
}

export function storedSource(
  tenant: string,
  { sha256, sizeBytes, storedAt, usedAt }: FoundSource,
  record: SourceRecord | undefined,
): StoredSource {
  const { fileName = "", title = "", description = "", labels = [], origin = 0 } = record ?? {};
  return create(StoredSourceSchema, {
    ...{ sha256, tenant, sizeBytes: BigInt(sizeBytes), fileName, title, description, labels: [...labels], origin },
    storedAt: timestampFromDate(storedAt),
    ...(usedAt && { lastUsedAt: timestampFromDate(usedAt) }),
  });
}

export const noSource = (sha256: string): PolyreelError =>
  new PolyreelError("not_found", {
    field: "sha256",
    reason: `There is no source ${sha256}.`,
    remedy: "List the sources for those that exist, or upload the file.",
  });
