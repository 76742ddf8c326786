import { PolyreelError } from "@polyreel/platform";
import { readBytes, type Store, scopedStore, sourceKey } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import { tenantFor } from "../call/call.js";
import { answerBytes, type ServedFile } from "../web/answer-bytes.js";
import { fileTypeOf } from "../web/file-type.js";
import { sendFile } from "../web/send-file.js";
import { callOf, type WebApp } from "../web/web-app.js";

const SHA256 = /^[0-9a-f]{64}$/;
/** Enough for the signature of every type of media. */
const HEAD_BYTES = 4100;

interface Deps {
  readonly store: Store;
  readonly log: Log;
}

/** GET /sources/<sha256>/content: a source's bytes, by ranges. */
export const sourceContent =
  ({ store, log }: Deps) =>
  (app: WebApp): void => {
    app.get<{ Params: { sha256: string } }>("/sources/:sha256/content", async (request, reply) => {
      const { scope, signal } = callOf(request, reply);
      const file = await find(scopedStore(store, tenantFor(scope, "", "")), request.params.sha256, signal);
      await sendFile(reply, await answerBytes(request.raw, file), signal, log);
    });
  };

async function find(store: Store, sha256: string, signal: AbortSignal): Promise<ServedFile> {
  const key = sourceKey(sha256);
  const info = SHA256.test(sha256) ? await store.head(key, { signal }) : undefined;
  if (!info) {
    throw new PolyreelError("not_found", {
      field: "sha256",
      reason: "The store has no source with these bytes.",
      remedy: "Upload it first.",
    });
  }
  const { sizeBytes, writtenAt } = info;
  const { extension, contentType, isMedia } = await fileTypeOf(
    await readBytes(store, key, { signal, range: { start: 0, end: Math.min(sizeBytes, HEAD_BYTES) } }),
  );
  return {
    fileName: `${sha256}${extension}`,
    ...{ contentType, sizeBytes, lastModified: writtenAt },
    // Uploads are not trusted: only media is shown by browsers, and nothing else under the gateway's name.
    disposition: isMedia ? "inline" : "attachment",
    etag: `"${sha256}"`,
    async *read(start, end) {
      if (start < end) yield* store.read(key, { range: { start, end }, signal });
    },
  };
}
