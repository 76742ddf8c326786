import { PolyreelError } from "@polyreel/platform";
import { type Store, scopedStore, sourceKey, sourceRecordKey } from "@polyreel/platform/blobs";
import { MOST_NAMED } from "./get-source.js";
import { removeStoredSource } from "./source-removal.js";
import type { SourceUses } from "./source-uses.js";
import { noSource } from "./stored-source.js";

/** Removes a source that no kept batch uses. Throws PolyreelError `precondition`, naming the batches, or `not_found`. */
export async function deleteSource(
  { store, uses }: { readonly store: Store; readonly uses: SourceUses },
  { tenant, sha256 }: { tenant: string; sha256: string },
  signal: AbortSignal,
): Promise<void> {
  const own = scopedStore(store, tenant);
  // A record without bytes is what a kill in the middle of a deletion leaves.
  const found = await Promise.all([sourceKey(sha256), sourceRecordKey(sha256)].map((key) => own.head(key, { signal })));
  if (!found.some((one) => one)) throw noSource(sha256);
  const mayGo = async () => {
    const users = await uses.usersOf(tenant, sha256, { most: MOST_NAMED + 1 }, signal);
    if (users.length > 0) throw inUse(users);
    return true;
  };
  await removeStoredSource(own, sha256, { mayGo, signal });
}

function inUse(users: readonly string[]): PolyreelError {
  const named = users.slice(0, MOST_NAMED).join(", ");
  const which = users.length > MOST_NAMED ? `batches ${named} and others use` : subject(users, named);
  return new PolyreelError("precondition", {
    field: "sha256",
    reason: `The source cannot be deleted, because ${which} it.`,
    remedy: "Delete them first.",
  });
}

const subject = (users: readonly string[], named: string): string =>
  users.length === 1 ? `batch ${named} uses` : `batches ${named} use`;
