import { Sources, warnRemoved } from "@polyreel/parts/sources";
import { PolyreelError } from "@polyreel/platform";
import { type Content, SOURCES, type Store, scopedStore, sourceKey } from "@polyreel/platform/blobs";
import { digestStream } from "@polyreel/platform/files";
import type { Log } from "@polyreel/platform/runtime";
import type { UploadMeter } from "../quotas/upload-meter.js";
import { assertAllowed, assertSameSize, type ExpectedBytes, expectedBytes } from "./source-bytes.js";
import { type Arrival, recordArrival } from "./source-record.js";
import { assertStays, markUsed } from "./source-removal.js";

export interface PutDeps {
  readonly store: Store;
  readonly log: Log;
  readonly maxSourceBytes: number;
  /** Counts the bytes; undefined: they were counted as they arrived. */
  readonly meter?: UploadMeter | undefined;
}

/** Whose source it is, how it came, and what its sender announced. */
export interface Put extends Arrival {
  readonly tenant: string;
  /** 64 hexadecimal digits, if its sender knows it: other bytes are refused. */
  readonly sha256?: string | undefined;
  readonly sizeBytes?: number | bigint | undefined;
  /** Field of the request that announces the size, for errors. */
  readonly field?: string;
  readonly signal: AbortSignal;
}

export interface PutResult extends Content {
  /** The store had these bytes before. */
  readonly known: boolean;
}

/**
 * Stores a stream of bytes as a source of a tenant, in bounded memory: completely, or not at all. Reads them to their end
 * also if the store has them. Idempotent. Throws PolyreelError `invalid` for other bytes than announced or none,
 * `exhausted` beyond the limit, and as the stream.
 */
export async function putSource(deps: PutDeps, given: AsyncIterable<Uint8Array>, put: Put): Promise<PutResult> {
  const { tenant, signal } = put;
  const bytes = deps.meter ? deps.meter.counted(given, begunBy(put)) : given;
  const store = scopedStore(deps.store, tenant);
  const sources = new Sources(store, warnRemoved(deps.log));
  const expected = { maxSourceBytes: deps.maxSourceBytes, announced: put.sizeBytes, field: put.field ?? "" };
  assertAllowed(put.sizeBytes, expected);
  const { written, ...content } =
    put.sha256 === undefined
      ? await store.putHashed(SOURCES, expectedBytes(bytes, expected), { signal, ifAbsent: true })
      : await putNamed(store, sources, expectedBytes(bytes, expected), { ...put, sha256: put.sha256 });
  if (written) {
    await sources.wasWritten(content.sha256);
    await assertStays(store, content.sha256, signal);
  } else {
    await markUsed(store, content.sha256, signal);
    if (!(await sources.has(content.sha256, signal))) throw damaged();
  }
  await recordArrival(store, content.sha256, put, signal);
  deps.meter?.countFile(tenant);
  return { ...content, known: !written };
}

const begunBy = ({ tenant, sizeBytes, field = "" }: Put) => ({
  ...{ tenant, field },
  ...(sizeBytes !== undefined && { sizeBytes: Number(sizeBytes) }),
});

/** Records that a source is put whose bytes the store has. Returns undefined if it does not have them. */
export async function putKnown(
  deps: PutDeps,
  { tenant, sha256, signal, ...put }: Put & { readonly sha256: string },
): Promise<Content | undefined> {
  const store = scopedStore(deps.store, tenant);
  if (!(await store.head(sourceKey(sha256), { signal }))) return undefined;
  await markUsed(store, sha256, signal);
  if (!(await new Sources(store, warnRemoved(deps.log)).has(sha256, signal))) return undefined;
  const known = await store.head(sourceKey(sha256), { signal });
  if (!known) return undefined;
  const { sizeBytes } = known;
  assertSameSize(sizeBytes, { announced: put.sizeBytes, field: put.field ?? "" } satisfies Partial<ExpectedBytes>);
  await recordArrival(store, sha256, put, signal);
  return { sha256, sizeBytes };
}

async function putNamed(
  store: Store,
  sources: Sources,
  bytes: AsyncGenerator<Uint8Array>,
  { sha256, signal }: { readonly sha256: string; readonly signal: AbortSignal },
): Promise<Content & { readonly written: boolean }> {
  if (await sources.has(sha256, signal)) {
    const digest = await digestStream(bytes);
    if (digest.sha256 !== sha256) throw otherBytes(digest.sha256, sha256);
    return { ...digest, written: false };
  }
  let sizeBytes = 0;
  const counted = async function* () {
    for await (const chunk of bytes) {
      sizeBytes += chunk.byteLength;
      yield chunk;
    }
  };
  // Another upload of the same bytes may be faster; which of them wrote it makes no difference.
  await store.put(sourceKey(sha256), counted(), { sha256, signal });
  return { sha256, sizeBytes, written: true };
}

export const otherBytes = (found: string, expected: string): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `The bytes have the SHA-256 ${found}, not ${expected}.`,
    remedy: "Send the file again; it may have changed on the way.",
  });

export const damaged = (): PolyreelError =>
  new PolyreelError("unavailable", {
    reason: "The store had a source with this hash and other bytes, and removed it.",
    remedy: "Send the file again.",
  });
