import { randomBytes } from "node:crypto";
import { SourceOrigin } from "@polyreel/contract";
import { PolyreelError, type Running } from "@polyreel/platform";
import { finishedUploadKey, type Store, scopedStore, UPLOADS } from "@polyreel/platform/blobs";
import type { UploadMeter } from "../quotas/upload-meter.js";
import { type PutDeps, putSource } from "../sources/put-source.js";
import { assertAllowed } from "../sources/source-bytes.js";
import { abandonable } from "./abandonable.js";
import { appendBytes } from "./append-bytes.js";
import { type DirectUploadLimits, DirectUploads } from "./direct/direct-uploads.js";
import {
  beginUpload,
  type FinishedUpload,
  findFinished,
  findUpload,
  noUpload,
  removeUpload,
  type Upload,
  type UploadInfo,
} from "./upload.js";

export interface UploadLimits {
  readonly maxSourceBytes: number;
  /** Unfinished uploads of a tenant. */
  readonly maxUploads: number;
  /** Unfinished uploads are removed this long after their last bytes; may be infinite. */
  readonly expiryMs: number;
}

export interface UploadDeps extends Pick<PutDeps, "store" | "log"> {
  readonly meter: UploadMeter;
}

/** Where an upload is: at an offset, or finished. */
export type UploadState = Upload | (FinishedUpload & { readonly offset: number });

export const isFinished = (state: UploadState): state is FinishedUpload & { readonly offset: number } =>
  !("pieces" in state);

/**
 * Resumable uploads of all tenants. Their state is in the store alone: any gateway continues what another one began.
 * When the last byte is durable, the upload becomes a source; whichever request or clean-up comes next does that if the
 * gateway was killed before.
 */
export class Uploads implements Running {
  readonly #stop = new AbortController();
  readonly #finishing = new Map<string, Promise<FinishedUpload>>();
  /** Those that go straight to the store's bucket. */
  readonly direct: DirectUploads;

  constructor(
    private readonly deps: UploadDeps,
    readonly limits: DirectUploadLimits,
  ) {
    this.direct = new DirectUploads(deps, limits);
  }

  /** Stops finishing: another gateway, or this one after its start, does it again. */
  async close(): Promise<void> {
    this.#stop.abort(new DOMException("The gateway is closing.", "AbortError"));
    await Promise.allSettled([...this.#finishing.values(), this.direct.close()]);
  }

  /** Begins an upload; returns its id. Throws PolyreelError `exhausted` over a limit. */
  async begin(tenant: string, info: UploadInfo, signal: AbortSignal): Promise<string> {
    const store = this.#storeOf(tenant);
    const { maxSourceBytes, maxUploads } = this.limits;
    assertAllowed(info.sizeBytes, { maxSourceBytes, field: "Upload-Length" });
    const unfinished = await store.segments(UPLOADS, { signal });
    if (unfinished.length >= maxUploads) throw tooMany(maxUploads);
    await this.deps.meter.assertRoom({ tenant, sizeBytes: info.sizeBytes, field: "Upload-Length" });
    const id = randomBytes(16).toString("hex");
    await beginUpload(store, id, info, signal);
    return id;
  }

  /** An upload's state; if all of its bytes have come, when it is finished. Throws PolyreelError `not_found`. */
  async find(tenant: string, id: string, signal: AbortSignal): Promise<UploadState> {
    const store = this.#storeOf(tenant);
    const upload = await findUpload(store, id, signal);
    // Without one it may have been finished just now, so that this comes second.
    const finished = await findFinished(store, id, signal);
    if (finished) return { ...finished, offset: finished.sizeBytes };
    if (!upload) throw noUpload();
    return upload.offset === upload.sizeBytes ? this.#finished(tenant, upload, signal) : upload;
  }

  /** Appends bytes at an offset, which must be the upload's. Throws PolyreelError `conflict` otherwise. */
  async append(
    tenant: string,
    id: string,
    { offset, bytes }: { readonly offset: number; readonly bytes: AsyncIterable<Uint8Array> },
    signal: AbortSignal,
  ): Promise<UploadState> {
    const upload = await this.find(tenant, id, signal);
    if (upload.offset !== offset) throw wrongOffset(offset, upload.offset);
    if (isFinished(upload)) return upload;
    const counted = this.deps.meter.counted(bytes, { tenant, field: "Upload-Length" });
    const { broken } = await appendBytes(this.#storeOf(tenant), upload, counted);
    if (broken !== undefined) throw broken;
    return this.find(tenant, id, signal);
  }

  /** Ends an unfinished upload, or forgets a finished one; its source stays. Throws PolyreelError `not_found`. */
  async end(tenant: string, id: string, signal: AbortSignal): Promise<void> {
    const store = this.#storeOf(tenant);
    const isThere = (await findUpload(store, id, signal)) ?? (await findFinished(store, id, signal));
    if (!isThere) throw noUpload();
    await removeUpload(store, id, signal);
    await store.remove([finishedUploadKey(id)], { signal });
  }

  /** Makes a complete upload a source, once for all requests that wait for it: it goes on when they leave. */
  async #finished(tenant: string, upload: Upload, signal: AbortSignal): Promise<UploadState> {
    const finished = await abandonable(this.finish(tenant, upload), signal);
    return { ...finished, offset: finished.sizeBytes };
  }

  finish(tenant: string, upload: Upload): Promise<FinishedUpload> {
    const key = `${tenant}/${upload.id}`;
    const running = this.#finishing.get(key);
    if (running) return running;
    const finishing = this.#finish(tenant, upload).finally(() => this.#finishing.delete(key));
    this.#finishing.set(key, finishing);
    return finishing;
  }

  async #finish(tenant: string, upload: Upload): Promise<FinishedUpload> {
    const { id, sizeBytes, metadata, fileName, title, description, labels, sha256 } = upload;
    const { signal } = this.#stop;
    const store = this.#storeOf(tenant);
    try {
      // Checked at its beginning, and counted as it arrived.
      const deps = { ...this.deps, meter: undefined, maxSourceBytes: Number.POSITIVE_INFINITY };
      const arrival = { fileName, title, description, labels, origin: SourceOrigin.RESUMABLE };
      const put = await putSource(deps, bytesOf(store, upload, signal), {
        ...{ tenant, sizeBytes, sha256, signal, field: "Upload-Length" },
        ...arrival,
      });
      const finished = { ...put, metadata };
      await store.put(finishedUploadKey(id), Buffer.from(JSON.stringify(finished)), { signal });
      await removeUpload(store, id, signal);
      this.deps.meter.countFile(tenant);
      return finished;
    } catch (error) {
      // Another gateway may have finished it, and removed its pieces.
      const finished = await findFinished(store, id, signal).catch(() => undefined);
      if (finished) return finished;
      // Sending it again would give the same bytes.
      if (error instanceof PolyreelError && error.code === "invalid") await removeUpload(store, id, signal);
      throw error;
    }
  }

  #storeOf(tenant: string): Store {
    return scopedStore(this.deps.store, tenant);
  }
}

async function* bytesOf(store: Store, { pieces }: Upload, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const { key } of pieces) yield* store.read(key, { signal });
}

const wrongOffset = (sent: number, found: number): PolyreelError =>
  new PolyreelError("conflict", {
    field: "Upload-Offset",
    reason: `The upload is at ${found.toLocaleString("en-US")}, not at ${sent.toLocaleString("en-US")}.`,
    remedy: "Ask for the offset (HEAD), and go on from there.",
  });

const tooMany = (most: number): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: `The tenant has ${most.toLocaleString("en-US")} unfinished uploads, which is the limit.`,
    remedy: "Finish or end some of them, wait until they expire, or raise GATEWAY_MAX_UPLOADS.",
  });
