import { create, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { SourceOrigin, type SourceRecord, SourceRecordSchema } from "@polyreel/contract";
import { readBytesIfAny, type Store, sourceRecordKey } from "@polyreel/platform/blobs";

/** What people write about a source. */
export interface SourceTexts {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly labels?: readonly string[] | undefined;
}

/** The first arrival of a source's bytes. */
export interface Arrival extends SourceTexts {
  readonly fileName: string;
  readonly origin: SourceOrigin;
}

/** What is recorded beside a source; undefined for sources of earlier releases, and those that came without a record. */
export async function readRecord(
  store: Store,
  sha256: string,
  signal?: AbortSignal,
): Promise<SourceRecord | undefined> {
  const bytes = await readBytesIfAny(store, sourceRecordKey(sha256), { signal });
  return bytes && parsed(bytes);
}

/** A damaged record counts as none: it describes the source, and nothing depends on it. */
function parsed(bytes: Uint8Array): SourceRecord | undefined {
  try {
    return fromBinary(SourceRecordSchema, bytes);
  } catch {
    return undefined;
  }
}

/**
 * Records an arrival. The first one stays, except for texts that a later one gives. Idempotent: after a kill between the
 * bytes and their record, the repeated upload records them.
 */
export async function recordArrival(
  store: Store,
  sha256: string,
  { fileName, origin, title, description, labels }: Arrival,
  signal: AbortSignal,
): Promise<void> {
  const given = {
    ...(title && { title }),
    ...(description && { description }),
    ...(labels && labels.length > 0 && { labels: [...labels] }),
  };
  const before = await readRecord(store, sha256, signal);
  if (!before) return writeRecord(store, sha256, create(SourceRecordSchema, { fileName, origin, ...given }), signal);
  const named = before.fileName === "" ? { fileName } : {};
  await updateRecord(store, sha256, { before, changes: { ...named, ...given } }, signal);
}

/** Writes a changed record, and returns it. */
export async function updateRecord(
  store: Store,
  sha256: string,
  { before, changes }: { before: SourceRecord | undefined; changes: Partial<SourceRecord> },
  signal: AbortSignal,
): Promise<SourceRecord> {
  const known = before ?? create(SourceRecordSchema, { origin: SourceOrigin.UNSPECIFIED });
  const record = { ...known, ...changes };
  if (!before || !equals(SourceRecordSchema, before, record)) await writeRecord(store, sha256, record, signal);
  return record;
}

async function writeRecord(store: Store, sha256: string, record: SourceRecord, signal: AbortSignal): Promise<void> {
  await store.put(sourceRecordKey(sha256), toBinary(SourceRecordSchema, record), { signal });
}
