import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CHUNK_UNIT_BYTES } from "../resumable-upload.js";
import { type DriveAnswerInit, DriveApi, problem } from "./drive-api.js";
import { DriveContents } from "./drive-contents.js";
import { DriveTokens } from "./drive-tokens.js";
import { DriveUser } from "./drive-user.js";

/** A request as it was received. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Of an upload's chunk. */
  readonly range: string | undefined;
  /** Undefined if no answer was sent. */
  status: number | undefined;
}

/** What happens to a request, instead of an answer or beside it. */
export type DriveFault =
  | Refused
  /** It is processed, and the connection breaks before the answer. */
  | "lose the answer"
  /** The connection breaks after so many bytes of the body; whole units of an upload's chunk are kept. */
  | { readonly cutAfterBytes: number }
  /** A byte of the body changes on the way. */
  | "damage"
  | "stay silent";

interface Refused {
  readonly refuse: number;
  readonly reason?: string;
  readonly retryAfter?: string;
}

type Matches = (request: RecordedRequest) => boolean;

/**
 * A local server that speaks Google Drive's protocol, as far as Polyreel uses it, and records all requests. It refuses
 * what Google refuses: wrong tokens and signatures, ids that it did not issue, chunks of other sizes, long properties.
 */
export class RecordingDrive {
  readonly contents = new DriveContents();
  readonly tokens = new DriveTokens();
  readonly requests: RecordedRequest[] = [];
  readonly #api = new DriveApi(this.contents);
  readonly #faults: { matches: Matches; fault: DriveFault; times: number }[] = [];
  /** Called when a request arrives, before its body is read. */
  onArrival: (request: RecordedRequest) => void = () => {};
  /** Called when a request is processed, before its answer. */
  beforeAnswer: (request: RecordedRequest) => Promise<void> | void = () => {};

  private constructor(private readonly server: Server) {
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      this.#handle(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  static async start(): Promise<RecordingDrive> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    return new RecordingDrive(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Limits the storage; undefined by default. */
  set quotaBytes(bytes: number) {
    this.#api.quotaBytes = bytes;
  }

  user(folderId?: string): DriveUser {
    return new DriveUser(this.contents, folderId);
  }

  /** The content of a credentials file for a person, as `polyreel drive login` writes it. */
  userCredentials(refreshToken = "1//refresh-token"): string {
    const { id, secret } = DriveTokens.client;
    const token = { type: "authorized_user", client_id: id, client_secret: secret, refresh_token: refreshToken };
    return JSON.stringify({ ...token, token_uri: `${this.url}/token` });
  }

  /** The content of a service account's key. */
  serviceAccountKey(): string {
    return JSON.stringify({
      type: "service_account",
      client_email: DriveTokens.serviceAccount,
      private_key: this.tokens.privateKey,
      private_key_id: "key-1",
      token_uri: `${this.url}/token`,
    });
  }

  /** The content of `client_secret.json`. */
  clientSecret(): string {
    const { id, secret } = DriveTokens.client;
    const endpoints = { auth_uri: `${this.url}/auth`, token_uri: `${this.url}/token` };
    return JSON.stringify({ installed: { client_id: id, client_secret: secret, ...endpoints } });
  }

  /** Lets the next requests that match fail. */
  fail(matches: Matches, fault: DriveFault, times = 1): void {
    this.#faults.push({ matches, fault, times });
  }

  /** Requests with a method and a path that ends so. */
  sent(method: string, path: RegExp): RecordedRequest[] {
    return this.requests.filter((one) => one.method === method && path.test(one.path));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    const record: RecordedRequest = {
      method: request.method ?? "",
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      range: request.headers["content-range"],
      status: undefined,
    };
    this.requests.push(record);
    this.onArrival(record);
    const fault = this.#faultOf(record);
    if (fault === "stay silent") return;
    const limit =
      typeof fault === "object" && "cutAfterBytes" in fault ? fault.cutAfterBytes : Number.POSITIVE_INFINITY;
    const { bytes, isWhole } = await readBody(request, limit);
    if (!isWhole) {
      const kept = bytes.subarray(0, Math.floor(bytes.length / CHUNK_UNIT_BYTES) * CHUNK_UNIT_BYTES);
      this.#api.keepPartOfChunk(url, record.range, kept);
      request.socket.destroy();
      return;
    }
    if (fault === "damage") bytes[0] = 255 - (bytes[0] ?? 0);
    const isRefused = typeof fault === "object" && "refuse" in fault;
    const answer = isRefused ? refusalOf(fault) : this.#answer(request, url, bytes);
    record.status = answer.status;
    await this.beforeAnswer(record);
    if (fault === "lose the answer") {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { "content-type": "application/json; charset=UTF-8", ...answer.headers });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }

  #faultOf(record: RecordedRequest): DriveFault | undefined {
    const found = this.#faults.find(({ matches, times }) => times > 0 && matches(record));
    if (found) found.times--;
    return found?.fault;
  }

  #answer(request: IncomingMessage, url: URL, body: Buffer): DriveAnswerInit {
    if (url.pathname === "/token") return this.tokens.answer(new URLSearchParams(body.toString()));
    if (url.pathname === "/auth") {
      const location = this.tokens.consent(url.searchParams);
      return location === undefined ? problem(400, "invalid_request") : { status: 302, headers: { location } };
    }
    if (!this.tokens.isValid(request.headers.authorization)) return problem(401, "authError");
    return this.#api.answer(request, url, body);
  }
}

const refusalOf = ({ refuse, reason = "", retryAfter }: Refused): DriveAnswerInit => ({
  ...problem(refuse, reason),
  headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
});

/** Reads a body, or the beginning of one. */
async function readBody(request: IncomingMessage, limit: number): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > limit) return { bytes: Buffer.concat(chunks).subarray(0, limit), isWhole: false };
    }
  } catch {
    return { bytes: Buffer.concat(chunks), isWhole: false }; // The client was killed.
  }
  return { bytes: Buffer.concat(chunks), isWhole: true };
}
