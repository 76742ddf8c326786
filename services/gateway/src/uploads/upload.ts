import { PolyreelError } from "@polyreel/platform";
import {
  finishedUploadKey,
  readBytesIfAny,
  type Store,
  uploadInfoKey,
  uploadPieceKey,
  uploadPiecePrefix,
} from "@polyreel/platform/blobs";

/** What is known of an upload from its beginning. */
export interface UploadInfo {
  readonly sizeBytes: number;
  /** As the client sent it, for its later requests. */
  readonly metadata: string;
  readonly fileName: string;
  readonly title: string;
  readonly description: string;
  readonly labels: readonly string[];
  /** 64 hexadecimal digits, if the client knows them: other bytes are refused in the end. */
  readonly sha256?: string | undefined;
}

/** A stretch of an upload's bytes, one object of the store. */
export interface Piece {
  readonly key: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** An unfinished upload as the store has it. */
export interface Upload extends UploadInfo {
  readonly id: string;
  /** Each begins where the one before it ends. */
  readonly pieces: readonly Piece[];
  /** End of the last piece: the bytes before it are durable. */
  readonly offset: number;
  /** When the newest of its objects was written. */
  readonly touchedAt: Date;
}

/** The source that an upload became. */
export interface FinishedUpload {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly known: boolean;
  readonly metadata: string;
  /** Of one that went to the bucket. */
  readonly fileName?: string;
}

/** Begins an upload: from then on, bytes may come. */
export async function beginUpload(store: Store, id: string, info: UploadInfo, signal: AbortSignal): Promise<void> {
  await store.put(uploadInfoKey(id), Buffer.from(JSON.stringify(info)), { signal });
}

/** Undefined if there is none: it never began, is finished, or was removed. */
export async function findUpload(store: Store, id: string, signal: AbortSignal): Promise<Upload | undefined> {
  const key = uploadInfoKey(id);
  const [bytes, begun] = await Promise.all([readBytesIfAny(store, key, { signal }), store.head(key, { signal })]);
  if (!bytes || !begun) return undefined;
  const pieces: Piece[] = [];
  let [offset, touchedAt] = [0, begun.writtenAt];
  for await (const { key, sizeBytes, writtenAt } of store.list(uploadPiecePrefix(id), { signal })) {
    // Others are leftovers of a writer that was overtaken; exactly one can write the piece at an offset.
    if (key !== uploadPieceKey(id, offset)) continue;
    if (writtenAt > touchedAt) touchedAt = writtenAt;
    pieces.push({ key, offset, sizeBytes });
    offset += sizeBytes;
  }
  return { ...(JSON.parse(bytes.toString()) as UploadInfo), id, pieces, offset, touchedAt };
}

export async function findFinished(store: Store, id: string, signal: AbortSignal): Promise<FinishedUpload | undefined> {
  const bytes = await readBytesIfAny(store, finishedUploadKey(id), { signal });
  return bytes && (JSON.parse(bytes.toString()) as FinishedUpload);
}

/** Removes an unfinished upload: its description first, so that no more bytes are taken for it. */
export async function removeUpload(store: Store, id: string, signal: AbortSignal): Promise<void> {
  await store.remove([uploadInfoKey(id)], { signal });
  const keys: string[] = [];
  for await (const { key } of store.list(uploadPiecePrefix(id), { signal })) keys.push(key);
  await store.remove(keys, { signal });
}

export const noUpload = (): PolyreelError =>
  new PolyreelError("not_found", {
    reason: "There is no such upload: it has expired, was ended, or never began.",
    remedy: "Begin a new one.",
  });
