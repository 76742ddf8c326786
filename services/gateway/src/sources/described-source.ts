import { readBytes, type Store, sourceKey } from "@polyreel/platform/blobs";
import { fileTypeOf } from "../web/file-type.js";

/** Enough for the signature of every type of media. */
const HEAD_BYTES = 4100;

/** How a source is served: only media is shown by browsers, since uploads are not trusted. */
export async function describeSource(store: Store, sha256: string, sizeBytes: number, signal: AbortSignal) {
  const range = { start: 0, end: Math.min(sizeBytes, HEAD_BYTES) };
  const type = await fileTypeOf(await readBytes(store, sourceKey(sha256), { signal, range }));
  return {
    fileName: `${sha256}${type.extension}`,
    contentType: type.contentType,
    disposition: type.isMedia ? ("inline" as const) : ("attachment" as const),
  };
}
