import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { sourceKey } from "@polyreel/platform/blobs";
import type { ServedFile } from "../../web/answer-bytes.js";

/** An uploaded file as content to be served. Throws PolyreelError `not_found`. */
export async function originalContent(
  store: Store,
  sha256: string,
  { fileName, contentType }: Pick<ServedFile, "fileName" | "contentType">,
  signal: AbortSignal,
): Promise<ServedFile> {
  const key = sourceKey(sha256);
  const found = await store.head(key, { signal });
  if (!found) throw new PolyreelError("not_found", "The uploaded file is no longer stored.");
  return {
    ...{ fileName, contentType, sizeBytes: found.sizeBytes, disposition: "attachment" },
    ...{ etag: `"${sha256}"`, lastModified: found.writtenAt },
    async *read(start, end) {
      if (start < end) yield* store.read(key, { range: { start, end }, signal });
    },
  };
}
