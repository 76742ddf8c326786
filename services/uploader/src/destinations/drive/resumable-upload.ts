import { setTimeout as sleep } from "node:timers/promises";
import { PolyreelError } from "@polyreel/platform";
import type { Source } from "../source.js";
import { type DriveAnswer, type DriveConnection, FailedAttempt } from "./drive-connection.js";
import { DriveRefusal } from "./drive-faults.js";
import { type DriveFile, EVERY_DRIVE, type FileMetadata } from "./drive-files.js";

/** Google accepts multiples of this, except for the last chunk. */
export const CHUNK_UNIT_BYTES = 256 * 1024;
/** Memory of an upload. */
const CHUNK_BYTES = 32 * CHUNK_UNIT_BYTES;

/** Sessions of one upload: Google ends them at will. */
const MAX_SESSIONS = 4;
/** For the end of a session that is not wanted any more. */
const CANCEL_MS = 5_000;

const OK = 200;
const CREATED = 201;
const INCOMPLETE = 308;
const NOT_FOUND = 404;
const CONFLICT = 409;
const EXPIRED = 410;

/** A file to create with a given id, or one to replace the bytes of. */
export interface Upload {
  readonly method: "POST" | "PATCH";
  readonly id: string;
  readonly metadata: FileMetadata;
  readonly source: Source;
  readonly sizeBytes: number;
  readonly contentType: string;
}

export interface UploadOptions {
  readonly signal: AbortSignal;
  /** Called before the request after which the file is visible; if it throws, the upload is cancelled. */
  readonly beforeVisible: () => Promise<void>;
  /** Multiple of CHUNK_UNIT_BYTES. */
  readonly chunkBytes?: number | undefined;
}

/** `taken`: the id exists already. `gone`: the file, or the folder to create it in, does not exist. */
export type Uploaded = DriveFile | "taken" | "gone";

/**
 * Uploads a file in chunks, straight from its source. The file appears, or changes, only with the last chunk. After a
 * broken connection Google is asked how much it has, and the upload resumes there. The session dies with the process:
 * its address is a secret, and is not kept anywhere.
 */
export async function uploadFile(
  connection: DriveConnection,
  upload: Upload,
  options: UploadOptions,
): Promise<Uploaded> {
  for (let sessions = 1; ; sessions++) {
    const session = await start(connection, upload, options.signal);
    if (session === "taken" || session === "gone") return session;
    try {
      const uploaded = await new UploadSession(connection, session, upload, options).run();
      if (uploaded !== "expired") return uploaded;
    } catch (error) {
      await cancel(connection, session);
      throw error;
    }
    if (sessions >= MAX_SESSIONS) {
      throw new PolyreelError("unavailable", {
        reason: `Google Drive ended the upload ${MAX_SESSIONS} times.`,
        remedy: "It is tried again later.",
      });
    }
  }
}

async function start(connection: DriveConnection, upload: Upload, signal: AbortSignal): Promise<string> {
  const { method, id, metadata, sizeBytes, contentType } = upload;
  const path = `/upload/drive/v3/files${method === "PATCH" ? `/${encodeURIComponent(id)}` : ""}`;
  const { status, headers } = await connection.request(
    {
      method,
      path,
      query: { ...EVERY_DRIVE, uploadType: "resumable" },
      headers: { "x-upload-content-type": contentType, "x-upload-content-length": String(sizeBytes) },
      body: metadata,
      accept: [NOT_FOUND, CONFLICT],
    },
    signal,
  );
  if (status === CONFLICT) return "taken";
  if (status === NOT_FOUND) return "gone";
  const session = headers.get("location");
  // The token goes there.
  if (!session || new URL(session).origin !== new URL(connection.urlOf(path)).origin) {
    throw new PolyreelError("internal", "Google Drive answered without an upload session of its own.");
  }
  return session;
}

async function cancel(connection: DriveConnection, session: string): Promise<void> {
  try {
    await connection.attempt({ method: "DELETE", path: session, accept: [499] }, AbortSignal.timeout(CANCEL_MS));
  } catch {
    // Google removes it after a week.
  }
}

class UploadSession {
  readonly #buffer: Buffer;
  #received = 0;
  #failures = 0;

  constructor(
    private readonly connection: DriveConnection,
    private readonly session: string,
    private readonly upload: Upload,
    private readonly options: UploadOptions,
  ) {
    this.#buffer = Buffer.allocUnsafe(Math.min(options.chunkBytes ?? CHUNK_BYTES, upload.sizeBytes));
  }

  async run(): Promise<Uploaded | "expired"> {
    for (;;) {
      let isResumed = false;
      for await (const chunk of chunksOf(this.upload.source, this.#received, this.#buffer, this.options.signal)) {
        const result = await this.#sendChunk(chunk);
        if (result === "resume") {
          isResumed = true;
          break;
        }
        if (result !== "next") return result;
      }
      if (!isResumed) throw changedSource(); // It ended before Google had everything.
    }
  }

  /** `next`: the chunk was received. `resume`: continue with the first byte that was not. */
  async #sendChunk(chunk: Buffer): Promise<Uploaded | "expired" | "next" | "resume"> {
    const { sizeBytes } = this.upload;
    const end = this.#received + chunk.byteLength;
    if (end > sizeBytes) throw changedSource();
    if (end === sizeBytes) await this.options.beforeVisible();
    const range = chunk.byteLength === 0 ? `bytes */${sizeBytes}` : `bytes ${this.#received}-${end - 1}/${sizeBytes}`;
    const answer = await this.#put(range, chunk);
    const { status, data } = answer;
    if (status === OK || status === CREATED) return data as DriveFile;
    if (status === CONFLICT) return "taken";
    if (status === NOT_FOUND || status === EXPIRED) return "expired";
    const received = receivedIn(answer);
    if (received > this.#received) this.#failures = 0;
    else await this.#pause(new FailedAttempt(new DriveRefusal(INCOMPLETE, "backendError")));
    this.#received = received;
    return received === end && end < sizeBytes ? "next" : "resume";
  }

  /** Sends a chunk. If the answer is lost, or Google is busy, asks for the state of the session instead. */
  async #put(range: string, body: Buffer): Promise<DriveAnswer> {
    const { signal } = this.options;
    const accept = [INCOMPLETE, NOT_FOUND, CONFLICT, EXPIRED];
    const request = { method: "PUT", path: this.session, accept } as const;
    try {
      return await this.connection.attempt({ ...request, headers: { "content-range": range }, body }, signal);
    } catch (error) {
      await this.#pause(error);
    }
    const state = { "content-range": `bytes */${this.upload.sizeBytes}` };
    return this.connection.request({ ...request, headers: state, body: Buffer.alloc(0) }, signal);
  }

  /** Throws if there were enough failures without progress. */
  async #pause(error: unknown): Promise<void> {
    const delayMs = this.connection.delayAfter(error, ++this.#failures);
    await sleep(delayMs, undefined, { signal: this.options.signal });
  }
}

/** Number of bytes that Google has, from a 308. */
function receivedIn({ headers }: DriveAnswer): number {
  const [, last] = /^bytes=0-(\d+)$/.exec(headers.get("range") ?? "") ?? [];
  return last === undefined ? 0 : Number(last) + 1;
}

/** The bytes from `start` on in chunks of the buffer's size; each is valid until the next one. No bytes are one empty chunk. */
async function* chunksOf(
  source: Source,
  start: number,
  buffer: Buffer,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  let filled = 0;
  let count = 0;
  for await (const bytes of source.read(signal, start)) {
    signal.throwIfAborted();
    for (let position = 0; position < bytes.byteLength; ) {
      const length = Math.min(buffer.length - filled, bytes.byteLength - position);
      if (length === 0) throw changedSource();
      buffer.set(bytes.subarray(position, position + length), filled);
      filled += length;
      position += length;
      if (filled < buffer.length) continue;
      yield buffer;
      count++;
      filled = 0;
    }
  }
  if (filled > 0 || count === 0) yield buffer.subarray(0, filled);
}

const changedSource = (): PolyreelError =>
  new PolyreelError("internal", "The bytes of a file changed while it was uploaded.");
