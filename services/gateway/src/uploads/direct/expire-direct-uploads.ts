import {
  DIRECT_UPLOADS,
  directUploadKey,
  finishedUploadKey,
  INCOMING,
  incomingKey,
  type Store,
} from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import { ABANDONED_MS, type ExpiryOptions, type Removed } from "../expiry.js";
import { findFinished } from "../upload.js";
import { findDirectUpload, removeDirectUpload } from "./direct-upload.js";
import type { DirectUploads } from "./direct-uploads.js";

/** The same as `expireUploads` for the uploads of one tenant that go to the bucket. */
export async function expireDirectUploads(
  { tenant, own, direct, log }: { tenant: string; own: Store; direct: DirectUploads; log: Log },
  { now, dryRun, signal }: ExpiryOptions,
): Promise<Removed> {
  let [count, bytes] = [0, 0];
  for (const id of await own.segments(DIRECT_UPLOADS, { signal })) {
    signal.throwIfAborted();
    const upload = await findDirectUpload(own, id, signal);
    if (!upload) continue;
    const whole = await own.head(incomingKey(id), { signal });
    if (await findFinished(own, id, signal)) {
      if (!dryRun) await removeDirectUpload(own, upload, signal); // A kill left its record.
    } else if (whole) {
      const fail = (error: unknown) => log.warn({ err: error, tenant, upload: id }, "could not finish an upload");
      const isAbandoned = now.getTime() - whole.writtenAt.getTime() > ABANDONED_MS;
      if (isAbandoned && !dryRun) await direct.finish(tenant, id).catch(fail);
    } else if (now.getTime() - upload.begunAt.getTime() > direct.lifetimeMs) {
      const arrived = await own.directUploads?.parts(incomingKey(id), upload.multipartId, { signal });
      if (!dryRun) await direct.remove(tenant, upload, signal);
      count++;
      for (const { sizeBytes } of arrived ?? []) bytes += sizeBytes;
    }
  }
  if (!dryRun) await removeLeftovers(own, direct.lifetimeMs, { now, signal });
  return { count, bytes };
}

/** Objects whose upload was finished by a gateway that was killed, or just removed when they were completed. */
async function removeLeftovers(
  own: Store,
  lifetimeMs: number,
  { now, signal }: Pick<ExpiryOptions, "now" | "signal">,
): Promise<void> {
  const keys: string[] = [];
  for await (const { key, writtenAt } of own.list(`${INCOMING}/`, { signal })) {
    const id = key.slice(INCOMING.length + 1);
    if (await own.head(directUploadKey(id), { signal })) continue;
    const isOld = now.getTime() - writtenAt.getTime() > lifetimeMs;
    if (isOld || (await own.head(finishedUploadKey(id), { signal }))) keys.push(key);
  }
  await own.remove(keys, { signal });
}
