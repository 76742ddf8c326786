import { PolyreelError } from "@polyreel/platform";
import { type Store, uploadPieceKey } from "@polyreel/platform/blobs";
import type { Upload } from "./upload.js";

/** A kill loses at most the unfinished piece; each costs a few milliseconds, and one name of the store. */
const PIECE_BYTES = 32 * 1024 ** 2;
/** More would make each request slow, because it lists them. */
const MAX_PIECES = 10_000;

export interface Appended {
  /** End of what is durable. */
  readonly offset: number;
  /** Why the bytes broke off, if they did. */
  readonly broken: unknown;
}

/**
 * Appends bytes to an upload, as pieces that are durable one by one, in bounded memory. If the bytes break off, those that
 * came are kept. Throws PolyreelError `conflict` if another request appends to the same upload and was faster.
 */
export async function appendBytes(
  store: Store,
  { id, pieces, offset: begin, sizeBytes }: Upload,
  bytes: AsyncIterable<Uint8Array>,
): Promise<Appended> {
  const chunks = bytes[Symbol.asyncIterator]();
  let [offset, count] = [begin, pieces.length];
  let end: IteratorResult<Uint8Array> | undefined;
  let broken: unknown;
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    if (end) return end;
    const got = await chunks.next().catch((error: unknown) => {
      broken = error;
      return { done: true, value: undefined } as const;
    });
    if (got.done) end = got;
    return got;
  };
  const pieceFrom = async function* (first: Uint8Array) {
    let pieceBytes = 0;
    for (let chunk: Uint8Array | undefined = first; chunk; ) {
      pieceBytes += chunk.byteLength;
      if (offset + pieceBytes > sizeBytes) throw tooLong(sizeBytes);
      yield chunk;
      if (pieceBytes >= PIECE_BYTES) break;
      const got = await next();
      chunk = got.done ? undefined : got.value;
    }
    offset += pieceBytes;
  };
  try {
    for (let got = await next(); !got.done; got = await next()) {
      if (got.value.byteLength === 0) continue;
      if (++count > MAX_PIECES) throw tooManyPieces();
      // Without the request's signal: what came before its connection broke is to be kept.
      if (!(await store.put(uploadPieceKey(id, offset), pieceFrom(got.value), { ifAbsent: true }))) throw overtaken();
    }
  } finally {
    await chunks.return?.();
  }
  return { offset, broken };
}

const tooLong = (sizeBytes: number): PolyreelError =>
  new PolyreelError("invalid", {
    field: "Upload-Length",
    reason: `More bytes were sent than the ${sizeBytes.toLocaleString("en-US")} that the upload was announced with.`,
    remedy: "Begin a new upload with the size of the whole file.",
  });

const tooManyPieces = (): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `The upload came in more than ${MAX_PIECES.toLocaleString("en-US")} requests.`,
    remedy: "Send larger chunks, or the rest in one request; in tus-js-client: chunkSize.",
  });

const overtaken = (): PolyreelError =>
  new PolyreelError("conflict", {
    field: "Upload-Offset",
    reason: "Another request sends bytes of this upload, too, and was faster.",
    remedy: "Ask for the offset (HEAD), and go on from there.",
  });
