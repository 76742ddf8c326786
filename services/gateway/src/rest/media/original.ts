import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { sourceKey } from "@polyreel/platform/blobs";
import type { Output } from "../../outputs/outputs.js";

/** An uploaded file as content to be served. Throws PolyreelError `not_found`. */
export async function originalContent(
  store: Store,
  sha256: string,
  { fileName, contentType }: Pick<Output, "fileName" | "contentType">,
  signal: AbortSignal,
): Promise<Output> {
  const key = sourceKey(sha256);
  const found = await store.head(key, { signal });
  if (!found) throw new PolyreelError("not_found", "The uploaded file is no longer stored.");
  return {
    ...{ fileName, contentType, sizeBytes: found.sizeBytes, sha256OfHashes: sha256, renderedAt: found.writtenAt },
    async *read(start, end) {
      if (start < end) yield* store.read(key, { range: { start, end }, signal });
    },
  };
}
