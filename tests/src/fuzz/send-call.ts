import http from "node:http";
import http2 from "node:http2";
import type { FuzzCall } from "./draw-call.js";

/** The result: gRPC's status or Connect's code by name, or else the HTTP status; or that there was none. */
export interface Answer {
  readonly code: string;
  readonly message: string;
}

const ANSWER_MS = 10_000;
const GRPC_CODES = [
  ...["ok", "canceled", "unknown", "invalid_argument", "deadline_exceeded", "not_found", "already_exists"],
  ...["permission_denied", "resource_exhausted", "failed_precondition", "aborted", "out_of_range", "unimplemented"],
  ...["internal", "unavailable", "data_loss", "unauthenticated"],
];
const END_OF_CONNECT_STREAM = 0x02;
const TRAILERS_OF_GRPC_WEB = 0x80;

interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly trailers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** Sends calls over persistent connections: HTTP/2 for gRPC, HTTP/1.1 for the others. */
export class Sender {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  #session: http2.ClientHttp2Session | undefined;

  constructor(private readonly url: string) {}

  async send(call: FuzzCall): Promise<Answer> {
    try {
      const raw = await (usesHttp2(call) ? this.#sendHttp2(call) : this.#sendHttp1(call));
      return raw === "cut" ? { code: "cut", message: "" } : read(call, raw);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // A truncated body, or one beyond the server's limit, needs no answer.
      if (call.cutAfter !== undefined) return { code: "cut", message: "" };
      return { code: code === "NO_ANSWER" ? "no answer" : "connection", message: `${code ?? ""} ${message}` };
    }
  }

  /** `again`: over a new connection. The server may close a persistent one just when it is used. */
  #sendHttp1(call: FuzzCall, again = false): Promise<RawAnswer | "cut"> {
    const { verb, path, headers, body, cutAfter } = call;
    return new Promise((resolve, reject) => {
      const length = { "content-length": String(body.length) };
      const options = {
        method: verb,
        agent: again ? false : this.#agent,
        headers: { ...headers, ...length },
        timeout: ANSWER_MS,
      };
      const request = http.request(new URL(this.url), { ...options, path }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          const { statusCode: status = 0, headers, trailers } = response;
          resolve({ status, headers, trailers, body: Buffer.concat(chunks) });
        });
      });
      const late = setTimeout(() => request.destroy(noAnswer()), ANSWER_MS);
      request.once("close", () => clearTimeout(late));
      request.once("error", (error: NodeJS.ErrnoException) => {
        if (again || !request.reusedSocket || error.code !== "ECONNRESET") reject(error);
        else this.#sendHttp1(call, true).then(resolve, reject);
      });
      if (cutAfter === undefined) request.end(body);
      else {
        request.write(body.subarray(0, cutAfter));
        setTimeout(() => request.destroy(), 5);
        request.once("close", () => resolve("cut"));
      }
    });
  }

  #sendHttp2({ verb, path, headers, body, cutAfter }: FuzzCall): Promise<RawAnswer | "cut"> {
    return new Promise((resolve, reject) => {
      const stream = this.#connected().request({ ":method": verb, ":path": path, ...headers }, { endStream: false });
      let answered: Record<string, unknown> = {};
      let trailers: Record<string, unknown> = {};
      const chunks: Buffer[] = [];
      const late = setTimeout(() => stream.destroy(noAnswer()), ANSWER_MS);
      stream.on("response", (head) => {
        answered = head;
      });
      stream.on("trailers", (tail) => {
        trailers = tail;
      });
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.once("error", reject);
      stream.once("close", () => {
        clearTimeout(late);
        if (cutAfter !== undefined) resolve("cut");
        else resolve({ status: Number(answered[":status"]), headers: answered, trailers, body: Buffer.concat(chunks) });
      });
      if (cutAfter === undefined) stream.end(body);
      else {
        stream.write(body.subarray(0, cutAfter));
        setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), 5);
      }
    });
  }

  #connected(): http2.ClientHttp2Session {
    if (!this.#session || this.#session.closed || this.#session.destroyed) {
      this.#session = http2.connect(this.url);
      this.#session.on("error", () => {}); // Its streams fail with it.
    }
    return this.#session;
  }

  close(): void {
    this.#agent.destroy();
    this.#session?.destroy();
  }
}

/** Connect and gRPC-Web work over both; some of them, and all bidirectional calls, use HTTP/2. */
const usesHttp2 = ({ protocol, method, index }: FuzzCall): boolean =>
  protocol === "grpc" || index % (method.methodKind === "bidi_streaming" ? 2 : 5) === 0;

const noAnswer = (): Error => Object.assign(new Error(`No answer in ${ANSWER_MS} ms.`), { code: "NO_ANSWER" });

function read({ protocol, method }: FuzzCall, { status, headers, trailers, body }: RawAnswer): Answer {
  const type = String(headers["content-type"] ?? "");
  if (type.startsWith("application/connect+")) return endOfStream(body);
  // Also for requests that name a Connect content type by mistake.
  if (protocol === "connect" || type.startsWith("application/json") || type === "application/proto") {
    if (status === 200) return { code: "ok", message: "" };
    return errorOf(parsed(body), `http ${status}`, method.name);
  }
  const inBody = Object.fromEntries(
    (lastFrame(body, TRAILERS_OF_GRPC_WEB) ?? "").split("\r\n").map((line) => line.split(/: ?(.*)/s).slice(0, 2)),
  );
  const found = { ...headers, ...inBody, ...trailers } as Record<string, string | undefined>;
  if (found["grpc-status"] === undefined) return { code: `http ${status}`, message: body.toString().slice(0, 200) };
  const message = safeDecode(found["grpc-message"] ?? "");
  return { code: GRPC_CODES[Number(found["grpc-status"])] ?? "no such code", message };
}

function endOfStream(body: Buffer): Answer {
  const last = lastFrame(body, END_OF_CONNECT_STREAM);
  if (last === undefined) return { code: "no end of the stream", message: "" };
  return errorOf((parsed(Buffer.from(last)) as { error?: unknown }).error, "ok", "");
}

function errorOf(error: unknown, otherwise: string, message: string): Answer {
  const { code, message: words } = (error ?? {}) as { code?: string; message?: string };
  return { code: code ?? otherwise, message: words ?? message };
}

/** The body of the last length-prefixed message with this flag. */
function lastFrame(body: Buffer, flag: number): string | undefined {
  let found: string | undefined;
  for (let at = 0; at + 5 <= body.length; at += 5 + body.readUInt32BE(at + 1)) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    if ((body[at] ?? 0) & flag) found = body.subarray(at + 5, end).toString();
  }
  return found;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return {};
  }
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
