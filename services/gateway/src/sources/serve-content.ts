import { PolyreelError } from "@polyreel/platform";
import { type Store, scopedStore, sourceKey } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import { tenantFor } from "../call/call.js";
import { answerBytes, type ServedFile } from "../web/answer-bytes.js";
import { sendFile } from "../web/send-file.js";
import { callOf, type WebApp } from "../web/web-app.js";
import { describeSource } from "./described-source.js";

const SHA256 = /^[0-9a-f]{64}$/;

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
  return {
    ...(await describeSource(store, sha256, sizeBytes, signal)),
    ...{ sizeBytes, lastModified: writtenAt },
    etag: `"${sha256}"`,
    async *read(start, end) {
      if (start < end) yield* store.read(key, { range: { start, end }, signal });
    },
  };
}
