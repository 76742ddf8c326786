import { randomBytes } from "node:crypto";
import { SourceOrigin } from "@polyreel/contract";
import { PolyreelError, type Running } from "@polyreel/platform";
import {
  type Content,
  DIRECT_UPLOADS,
  type DirectUploads as DirectToServer,
  directUploadKey,
  finishedUploadKey,
  incomingKey,
  type Store,
  scopedStore,
} from "@polyreel/platform/blobs";
import { digestStream } from "@polyreel/platform/files";
import { adoptSource } from "../../sources/adopt-source.js";
import { otherBytes } from "../../sources/put-source.js";
import { assertAllowed } from "../../sources/source-bytes.js";
import { abandonable } from "../abandonable.js";
import { type FinishedUpload, findFinished, noUpload } from "../upload.js";
import type { UploadDeps, UploadLimits } from "../uploads.js";
import {
  type DirectUpload,
  type DirectUploadInfo,
  findDirectUpload,
  missingParts,
  type Part,
  partBytesFor,
  partsOf,
  removeDirectUpload,
} from "./direct-upload.js";

/** Smaller ones are many links, larger ones much to send again after a break. */
const PART_BYTES = 64 * 1024 ** 2;
/** S3's limit for an object. */
const MAX_OBJECT_BYTES = 5 * 1024 ** 4;
/** Any service that starts removes multipart uploads that are older. */
const MAX_LIFETIME_MS = 24 * 3600 * 1000;

export interface PartWithLink extends Part {
  readonly url: string;
}

/** An unfinished upload, with links for the parts that have not arrived. */
export interface OpenDirectUpload {
  readonly id: string;
  readonly sizeBytes: number;
  readonly partBytes: number;
  readonly missing: readonly PartWithLink[];
  readonly expiresAt: Date;
}

export interface DirectUploadLimits extends UploadLimits {
  /** For tests: at least 5 MiB. */
  readonly directPartBytes?: number;
}

/**
 * Uploads of all tenants that go straight to the store's bucket. As with resumable ones, all state is in the store: a record
 * while it is unfinished, the parts and then the object `incoming/<id>` in the bucket, and at the end the source. Each step
 * finds out what earlier ones did, so that a repeat at any gateway goes on after a kill.
 */
export class DirectUploads implements Running {
  readonly #stop = new AbortController();
  readonly #finishing = new Map<string, Promise<FinishedUpload>>();

  constructor(
    private readonly deps: UploadDeps,
    readonly limits: DirectUploadLimits,
  ) {}

  /** Stops finishing: another gateway, or this one after its start, does it again. */
  async close(): Promise<void> {
    this.#stop.abort(new DOMException("The gateway is closing.", "AbortError"));
    await Promise.allSettled(this.#finishing.values());
  }

  /** How long an upload may take, from its beginning. */
  get lifetimeMs(): number {
    return Math.min(this.limits.expiryMs, MAX_LIFETIME_MS);
  }

  /** Throws PolyreelError `precondition` where clients cannot reach the store, `exhausted` over a limit. */
  async begin(
    tenant: string,
    info: Omit<DirectUploadInfo, "multipartId" | "partBytes">,
    signal: AbortSignal,
  ): Promise<OpenDirectUpload> {
    const store = this.#storeOf(tenant);
    const server = serverOf(store);
    const { maxSourceBytes, maxUploads, directPartBytes = PART_BYTES } = this.limits;
    assertAllowed(info.sizeBytes, { maxSourceBytes: Math.min(maxSourceBytes, MAX_OBJECT_BYTES), field: "sizeBytes" });
    const unfinished = await store.segments(DIRECT_UPLOADS, { signal });
    if (unfinished.length >= maxUploads) throw tooMany(maxUploads);
    await this.deps.meter.count(tenant, info.sizeBytes, "sizeBytes");
    const id = randomBytes(16).toString("hex");
    const partBytes = partBytesFor(info.sizeBytes, directPartBytes);
    const multipartId = await server.begin(incomingKey(id), { signal });
    // A kill here leaves an upload without parts, which the next start of a service removes.
    const record: DirectUploadInfo = { ...info, multipartId, partBytes };
    await store.put(directUploadKey(id), Buffer.from(JSON.stringify(record)), { signal });
    return this.#withLinks(server, { ...record, id, begunAt: new Date() }, partsOf(record));
  }

  /** Throws PolyreelError `not_found`. */
  async find(tenant: string, id: string, signal: AbortSignal): Promise<OpenDirectUpload | FinishedUpload> {
    const store = this.#storeOf(tenant);
    const upload = await findDirectUpload(store, id, signal);
    const finished = await findFinished(store, id, signal);
    if (finished) return finished;
    if (!upload) throw noUpload();
    const server = serverOf(store);
    const isWhole = (await store.head(incomingKey(id), { signal })) !== undefined;
    const arrived = isWhole ? undefined : await server.parts(incomingKey(id), upload.multipartId, { signal });
    return this.#withLinks(server, upload, arrived ? missingParts(upload, arrived) : []);
  }

  /**
   * Makes an upload whose parts have all arrived a source, once for all requests that wait for it: it goes on when they leave.
   * Throws PolyreelError `not_found`; `conflict` while parts are missing; `invalid` for other bytes than announced.
   */
  async complete(tenant: string, id: string, signal: AbortSignal): Promise<FinishedUpload> {
    return (await findFinished(this.#storeOf(tenant), id, signal)) ?? abandonable(this.finish(tenant, id), signal);
  }

  /** Ends an unfinished upload, or forgets a finished one; its source stays. Throws PolyreelError `not_found`. */
  async end(tenant: string, id: string, signal: AbortSignal): Promise<void> {
    const store = this.#storeOf(tenant);
    const upload = await findDirectUpload(store, id, signal);
    if (!upload && !(await findFinished(store, id, signal))) throw noUpload();
    if (upload) await this.remove(tenant, upload, signal);
    await store.remove([finishedUploadKey(id)], { signal });
  }

  /** Removes an unfinished one. */
  async remove(tenant: string, upload: DirectUpload, signal: AbortSignal): Promise<void> {
    await removeDirectUpload(this.#storeOf(tenant), upload, signal);
    this.deps.meter.giveBack(tenant, upload.sizeBytes, upload.begunAt);
  }

  finish(tenant: string, id: string): Promise<FinishedUpload> {
    const key = `${tenant}/${id}`;
    const running = this.#finishing.get(key);
    if (running) return running;
    const finishing = this.#finish(tenant, id).finally(() => this.#finishing.delete(key));
    this.#finishing.set(key, finishing);
    return finishing;
  }

  async #finish(tenant: string, id: string): Promise<FinishedUpload> {
    const { signal } = this.#stop;
    const store = this.#storeOf(tenant);
    const upload = await findDirectUpload(store, id, signal);
    try {
      if (!upload) throw noUpload();
      const server = serverOf(store);
      await assemble(store, server, upload, signal);
      const { content, version } = await digestOf(store, upload, signal);
      const writeTo = async (to: string) => {
        if (!(await server.copy({ ...content, key: incomingKey(id), version }, to, { signal }))) throw changed();
      };
      const { fileName, title, description, labels } = upload;
      const arrival = { fileName, title, description, labels, origin: SourceOrigin.RESUMABLE };
      const put = await adoptSource(this.deps, { tenant, content, writeTo, signal, ...arrival });
      const finished: FinishedUpload = { ...put, metadata: "", fileName };
      await store.put(finishedUploadKey(id), Buffer.from(JSON.stringify(finished)), { signal });
      await removeDirectUpload(store, upload, signal);
      this.deps.meter.countFile(tenant);
      return finished;
    } catch (error) {
      // Another gateway may have finished it, and removed its object.
      const finished = await findFinished(store, id, signal).catch(() => undefined);
      if (finished) return finished;
      // Sending it again would give the same bytes.
      if (upload && error instanceof PolyreelError && error.code === "invalid") {
        await removeDirectUpload(store, upload, signal);
      }
      throw error;
    }
  }

  async #withLinks(server: DirectToServer, upload: DirectUpload, parts: readonly Part[]): Promise<OpenDirectUpload> {
    const { id, sizeBytes, partBytes, multipartId, begunAt } = upload;
    const expiresAt = new Date(begunAt.getTime() + this.lifetimeMs);
    const lifetimeMs = Math.max(1000, expiresAt.getTime() - Date.now());
    const missing = await Promise.all(
      parts.map(async (part) => ({
        ...part,
        url: await server.linkTo(incomingKey(id), multipartId, { ...part, lifetimeMs }),
      })),
    );
    return { id, sizeBytes, partBytes, missing, expiresAt };
  }

  #storeOf(tenant: string): Store {
    return scopedStore(this.deps.store, tenant);
  }
}

/** Makes the parts one object, unless that was done before. */
async function assemble(store: Store, server: DirectToServer, upload: DirectUpload, signal: AbortSignal) {
  const key = incomingKey(upload.id);
  const isWhole = async () => (await store.head(key, { signal })) !== undefined;
  if (await isWhole()) return;
  const arrived = await server.parts(key, upload.multipartId, { signal });
  if (arrived) {
    const missing = missingParts(upload, arrived);
    if (missing.length > 0) throw incomplete(missing);
    const wanted = new Set(partsOf(upload).map(({ number }) => number));
    const parts = arrived.filter(({ number }) => wanted.has(number));
    if (await server.complete(key, upload.multipartId, parts, { signal })) return;
  }
  // Another gateway, or an attempt whose answer was lost, completed it.
  if (!(await isWhole())) throw noUpload();
}

/** Reads the object once. Throws PolyreelError `invalid` if it is not what was announced. */
async function digestOf(
  store: Store,
  { id, sizeBytes, sha256 }: DirectUpload,
  signal: AbortSignal,
): Promise<{ readonly content: Content; readonly version: string }> {
  const key = incomingKey(id);
  const version = (await store.head(key, { signal }))?.version;
  const content = await digestStream(store.read(key, { signal }));
  if (version === undefined) throw changed();
  if (content.sizeBytes !== sizeBytes) throw otherSize(content.sizeBytes, sizeBytes);
  if (sha256 !== undefined && content.sha256 !== sha256) throw otherBytes(content.sha256, sha256);
  return { content, version };
}

function serverOf({ directUploads }: Store): DirectToServer {
  if (directUploads) return directUploads;
  throw new PolyreelError("precondition", {
    reason: "Clients cannot send to the store themselves: it is in a folder, or its address has no publicEndpoint.",
    remedy: "Send the file by PUT to /sources/, or in pieces by tus to /uploads/.",
  });
}

const incomplete = (missing: readonly Part[]): PolyreelError => {
  const shown = missing.slice(0, 5).map(({ number, sizeBytes }) => `${number} (${sizeBytes} bytes)`);
  const more = missing.length > shown.length ? ` and ${missing.length - shown.length} more` : "";
  return new PolyreelError("conflict", {
    field: "parts",
    reason: `Parts have not arrived: ${shown.join(", ")}${more}.`,
    remedy: "Send them, then complete the upload. GET gives new links for those that are missing.",
  });
};

const changed = (): PolyreelError =>
  new PolyreelError("unavailable", {
    reason: "The uploaded object changed while it was made a source.",
    remedy: "Complete the upload once more.",
  });

const otherSize = (found: number, expected: number): PolyreelError =>
  new PolyreelError("invalid", {
    field: "sizeBytes",
    reason: `The file has ${found} bytes, not the ${expected} announced.`,
    remedy: "Begin a new upload with the size of the whole file.",
  });

const tooMany = (most: number): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: `The tenant has ${most.toLocaleString("en-US")} unfinished uploads to the bucket, which is the limit.`,
    remedy: "Complete or end some of them, wait until they expire, or raise GATEWAY_MAX_UPLOADS.",
  });
