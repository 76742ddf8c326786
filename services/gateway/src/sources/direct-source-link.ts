import { type Store, sourceKey } from "@polyreel/platform/blobs";
import { disposition } from "../web/answer-bytes.js";
import { describeSource } from "./described-source.js";

/** A link to a source in a store that clients reach; undefined for any other store. */
export async function directSourceLink(
  store: Store,
  sha256: string,
  expiresAtMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { presign } = store;
  const key = sourceKey(sha256);
  const info = presign && (await store.head(key, { signal }));
  if (!presign || !info) return undefined;
  const described = await describeSource(store, sha256, info.sizeBytes, signal);
  return presign(key, {
    lifetimeMs: expiresAtMs - Date.now(),
    contentType: described.contentType,
    contentDisposition: disposition(described.fileName, described.disposition),
  });
}
