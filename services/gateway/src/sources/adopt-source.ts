import { Sources, warnRemoved } from "@polyreel/parts/sources";
import { type Content, scopedStore, sourceKey } from "@polyreel/platform/blobs";
import type { Put, PutDeps, PutResult } from "./put-source.js";
import { damaged } from "./put-source.js";
import { recordArrival } from "./source-record.js";
import { assertStays, markUsed } from "./source-removal.js";

export interface Adoption extends Omit<Put, "sha256" | "sizeBytes" | "field"> {
  /** Of the bytes, as read from the store. */
  readonly content: Content;
  /** Writes the bytes under a key of the tenant's store. */
  readonly writeTo: (key: string) => Promise<void>;
}

/** Makes bytes that the store has elsewhere a source of a tenant, unless it is one already. Idempotent. */
export async function adoptSource(
  deps: Pick<PutDeps, "store" | "log">,
  { content, writeTo, ...arrival }: Adoption,
): Promise<PutResult> {
  const { tenant, signal } = arrival;
  const { sha256 } = content;
  const store = scopedStore(deps.store, tenant);
  const sources = new Sources(store, warnRemoved(deps.log));
  const known = await sources.has(sha256, signal);
  if (known) {
    await markUsed(store, sha256, signal);
    if (!(await sources.has(sha256, signal))) throw damaged();
  } else {
    await writeTo(sourceKey(sha256));
    await sources.wasWritten(sha256);
    await assertStays(store, sha256, signal);
  }
  await recordArrival(store, sha256, arrival, signal);
  return { ...content, known };
}
