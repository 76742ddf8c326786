import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { FileMetadata } from "../drive-files.js";
import { CHUNK_UNIT_BYTES } from "../resumable-upload.js";
import { type DriveContents, MY_DRIVE_ID, type StoredFile } from "./drive-contents.js";
import { parseSearch } from "./drive-search.js";

export interface DriveAnswerInit {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A refusal in Google's form. */
export const problem = (status: number, reason: string): DriveAnswerInit => ({
  status,
  body: { error: { code: status, message: reason, errors: [{ domain: "global", reason, message: reason }] } },
});

const MAX_PROPERTIES = 30;
const MAX_PROPERTY_BYTES = 124;

interface Session {
  /** Undefined for a file to create. */
  readonly file: StoredFile | undefined;
  readonly metadata: FileMetadata;
  readonly totalBytes: number;
  readonly query: URLSearchParams;
  bytes: Buffer;
  /** Set when it is complete. */
  done: DriveAnswerInit | undefined;
}

/** The calls of Drive's API that Polyreel uses. */
export class DriveApi {
  quotaBytes = Number.POSITIVE_INFINITY;
  readonly #sessions = new Map<string, Session>();

  constructor(private readonly contents: DriveContents) {}

  answer(request: IncomingMessage, url: URL, body: Buffer): DriveAnswerInit {
    const { method = "" } = request;
    const { pathname, searchParams: query } = url;
    const session = this.#sessions.get(query.get("upload_id") ?? "");
    if (query.has("upload_id")) return this.#continue(method, query, request.headers["content-range"], body, session);
    if (pathname === "/drive/v3/about") return projected({ user: USER }, "user");
    if (pathname === "/drive/v3/files/generateIds") return this.#generateIds(Number(query.get("count")));
    const [, upload, id] = /^(\/upload)?\/drive\/v3\/files(?:\/([^/]+))?$/.exec(pathname) ?? [];
    if (query.get("supportsAllDrives") !== "true") return problem(400, "supportsAllDrivesMissing");
    const metadata = body.length > 0 ? (JSON.parse(body.toString()) as FileMetadata) : {};
    if (!arePropertiesValid(metadata)) return problem(400, "propertyTooLong");
    if (upload) return this.#startUpload(request, url, metadata, id);
    if (id === undefined) return method === "POST" ? this.#create(metadata, query) : this.#list(query);
    const file = this.contents.files.get(id === "root" ? MY_DRIVE_ID : id);
    if (!file) return problem(404, "notFound");
    if (method === "PATCH") this.#change(file, metadata);
    return projected(this.contents.shown(file), query.get("fields"));
  }

  /** Keeps the beginning of a chunk whose connection broke. */
  keepPartOfChunk(url: URL, range: string | undefined, bytes: Buffer): void {
    const session = this.#sessions.get(url.searchParams.get("upload_id") ?? "");
    const start = Number(/^bytes (\d+)-/.exec(range ?? "")?.[1] ?? -1);
    if (session && !session.done && start === session.bytes.length)
      session.bytes = Buffer.concat([session.bytes, bytes]);
  }

  #generateIds(count: number): DriveAnswerInit {
    return { status: 200, body: { space: "drive", ids: Array.from({ length: count }, () => this.contents.issueId()) } };
  }

  #list(query: URLSearchParams): DriveAnswerInit {
    const matches = parseSearch(query.get("q") ?? "");
    if (!matches || query.get("includeItemsFromAllDrives") !== "true") return problem(400, "invalid");
    const { listed } = this.contents;
    const driveId = query.get("driveId") ?? undefined;
    if ((driveId !== undefined) !== (query.get("corpora") === "drive")) return problem(400, "invalid");
    const found = [...listed.values()].filter(
      (file) => matches(file, this.contents.isTrashed(file, listed)) && this.contents.driveIdOf(file) === driveId,
    );
    const start = Number(query.get("pageToken") ?? 0);
    const end = start + Number(query.get("pageSize") ?? 100);
    const [, fields = ""] = /files\((.*)\)/.exec(query.get("fields") ?? "") ?? [];
    const files = found.slice(start, end).map((file) => projected(this.contents.shown(file, listed), fields).body);
    return { status: 200, body: { files, ...(end < found.length && { nextPageToken: String(end) }) } };
  }

  #create(metadata: FileMetadata, query: URLSearchParams): DriveAnswerInit {
    const refusal = this.#refusalOf(metadata);
    if (refusal) return refusal;
    const file = this.#createFile(metadata);
    return projected(this.contents.shown(file), query.get("fields"));
  }

  #refusalOf({ id = "", parents = [] }: FileMetadata): DriveAnswerInit | undefined {
    if (this.contents.files.has(id)) return problem(409, "fileIdInUse");
    if (!this.contents.issuedIds.has(id)) return problem(400, "invalid");
    const isMissing = parents.some((one) => one !== "root" && !this.contents.files.has(one));
    return isMissing ? problem(404, "notFound") : undefined;
  }

  #createFile(metadata: FileMetadata): StoredFile {
    const parents = (metadata.parents ?? ["root"]).map((one) => (one === "root" ? MY_DRIVE_ID : one));
    const file = this.contents.create(metadata.id ?? "", metadata.name ?? "", parents);
    this.#change(file, metadata);
    return file;
  }

  #change(file: StoredFile, { name, mimeType, trashed, appProperties = {} }: FileMetadata): void {
    if (name !== undefined) file.name = name;
    if (mimeType !== undefined) file.mimeType = mimeType;
    if (trashed !== undefined) file.trashed = trashed;
    for (const [key, value] of Object.entries(appProperties)) {
      if (value === null) file.appProperties.delete(key);
      else file.appProperties.set(key, value);
    }
  }

  #startUpload(request: IncomingMessage, url: URL, metadata: FileMetadata, id: string | undefined): DriveAnswerInit {
    const file = id === undefined ? undefined : this.contents.files.get(id);
    if (id !== undefined && !file) return problem(404, "notFound");
    const refusal = file ? undefined : this.#refusalOf(metadata);
    if (refusal) return refusal;
    const totalBytes = Number(request.headers["x-upload-content-length"]);
    if (this.contents.usedBytes + totalBytes > this.quotaBytes) return problem(403, "storageQuotaExceeded");
    const sessionId = randomBytes(8).toString("hex");
    const query = new URLSearchParams(url.searchParams);
    this.#sessions.set(sessionId, { file, metadata, totalBytes, query, bytes: Buffer.alloc(0), done: undefined });
    const location = new URL(url);
    location.searchParams.set("upload_id", sessionId);
    return { status: 200, headers: { location: location.href } };
  }

  #continue(
    method: string,
    query: URLSearchParams,
    range: string | undefined,
    body: Buffer,
    session: Session | undefined,
  ): DriveAnswerInit {
    if (!session) return problem(404, "notFound");
    if (method === "DELETE") {
      this.#sessions.delete(query.get("upload_id") ?? "");
      return { status: 499 };
    }
    if (session.done) return session.done;
    const [, start, end, total] = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+)$/.exec(range ?? "") ?? [];
    if (Number(total) !== session.totalBytes) return problem(400, "invalidRange");
    if (start !== undefined && Number(start) === session.bytes.length) {
      const isLast = Number(end) + 1 === session.totalBytes;
      const isSized = isLast || body.length % CHUNK_UNIT_BYTES === 0;
      if (!isSized || body.length !== Number(end) + 1 - Number(start)) return problem(400, "badChunk");
      session.bytes = Buffer.concat([session.bytes, body]);
    }
    if (session.bytes.length === session.totalBytes) return this.#finish(session);
    const last = session.bytes.length - 1;
    return { status: 308, headers: last < 0 ? {} : { range: `bytes=0-${last}` } };
  }

  #finish(session: Session): DriveAnswerInit {
    const { metadata, bytes, query } = session;
    const refusal = session.file ? undefined : this.#refusalOf(metadata);
    if (refusal) return refusal;
    const file = session.file ?? this.#createFile(metadata);
    this.#change(file, metadata);
    this.contents.write(file, bytes);
    session.done = projected(this.contents.shown(file), query.get("fields"));
    return session.done;
  }
}

const USER = { displayName: "Ada Lovelace", emailAddress: "ada@example.com" };

/** Only the requested fields, as Google returns them. */
function projected(value: Record<string, unknown>, fields: string | null): DriveAnswerInit {
  const names = (fields ?? "").split(",");
  return { status: 200, body: Object.fromEntries(Object.entries(value).filter(([key]) => names.includes(key))) };
}

const arePropertiesValid = ({ appProperties = {} }: FileMetadata): boolean =>
  Object.keys(appProperties).length <= MAX_PROPERTIES &&
  Object.entries(appProperties).every(([key, value]) => Buffer.byteLength(key + (value ?? "")) <= MAX_PROPERTY_BYTES);
