import { directUploadKey, incomingKey, readBytesIfAny, type Store, type UploadedPart } from "@polyreel/platform/blobs";
import type { UploadInfo } from "../upload.js";

/** What is known of an upload straight to the bucket, from its beginning. */
export interface DirectUploadInfo extends Omit<UploadInfo, "metadata"> {
  /** Its id on the bucket's server. */
  readonly multipartId: string;
  /** All parts but the last have this size. */
  readonly partBytes: number;
}

export interface DirectUpload extends DirectUploadInfo {
  readonly id: string;
  readonly begunAt: Date;
}

export interface Part {
  /** From 1. */
  readonly number: number;
  readonly sizeBytes: number;
}

/** Undefined if there is none: it never began, is finished, or was removed. */
export async function findDirectUpload(
  store: Store,
  id: string,
  signal: AbortSignal,
): Promise<DirectUpload | undefined> {
  const key = directUploadKey(id);
  const [bytes, begun] = await Promise.all([readBytesIfAny(store, key, { signal }), store.head(key, { signal })]);
  if (!bytes || !begun) return undefined;
  return { ...(JSON.parse(bytes.toString()) as DirectUploadInfo), id, begunAt: begun.writtenAt };
}

/** Removes an upload: its description first, so that it is not finished any more. Its source stays. */
export async function removeDirectUpload(
  store: Store,
  { id, multipartId }: Pick<DirectUpload, "id" | "multipartId">,
  signal: AbortSignal,
): Promise<void> {
  await store.remove([directUploadKey(id)], { signal });
  // Without access for clients any more, the next start of a service removes it.
  await store.directUploads?.abort(incomingKey(id), multipartId, { signal });
  await store.remove([incomingKey(id)], { signal });
}

const MIB = 1024 ** 2;
/** As an answer with their links stays below a megabyte. */
const MAX_PARTS = 1_500;

/** Size of the parts of a file: at least `leastBytes`, more for large files. */
export const partBytesFor = (sizeBytes: number, leastBytes: number): number =>
  Math.max(leastBytes, Math.ceil(sizeBytes / MAX_PARTS / MIB) * MIB);

/** All parts of a file. */
export const partsOf = ({ sizeBytes, partBytes }: Pick<DirectUploadInfo, "sizeBytes" | "partBytes">): Part[] =>
  Array.from({ length: Math.ceil(sizeBytes / partBytes) }, (_, i) => ({
    number: i + 1,
    sizeBytes: Math.min(partBytes, sizeBytes - i * partBytes),
  }));

/** Those that have not arrived, or with another size. */
export const missingParts = (upload: DirectUploadInfo, arrived: readonly UploadedPart[]): Part[] => {
  const sizes = new Map(arrived.map(({ number, sizeBytes }) => [number, sizeBytes]));
  return partsOf(upload).filter(({ number, sizeBytes }) => sizes.get(number) !== sizeBytes);
};
