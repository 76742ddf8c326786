import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { TrafficCounter } from "../traffic.js";
import type { S3Address } from "./s3-address.js";
import { EMPTY_BODY, type S3Body } from "./s3-body.js";
import { networkFailure, type S3Failure, silentFailure } from "./s3-errors.js";
import type { S3KeySource } from "./s3-keys.js";
import { type S3Signer, s3Signer } from "./s3-signer.js";
import { urlOf } from "./s3-url.js";

export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** An object's complete key in the bucket; undefined for a request to the bucket itself. */
  readonly object?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: S3Body;
}

/** A connection that failed, or a deadline that passed. Callers get its PolyreelError once the request is not repeated any more. */
export class ConnectionFailure extends Error {
  override readonly name = "ConnectionFailure";

  constructor(readonly failure: S3Failure) {
    super(failure.error.message, { cause: failure.error.cause });
  }
}

export interface ConnectionOptions {
  /** How long the server may take to respond, in addition to sending the body at SLOWEST_BYTES_PER_SECOND. */
  readonly deadlineMs: number;
}

/** A slower connection counts as broken. */
const SLOWEST_BYTES_PER_SECOND = 256 * 1024;
/** Connections of one store and process: a reader holds one while it reads, and may be slow. */
const MAX_SOCKETS = 256;
/** Servers close idle connections, most of them after 30 s or more. */
const IDLE_MS = 15_000;
/** Larger bodies are sent after the server's 100 Continue: a refusal during the body would be lost with the connection. */
const ANNOUNCED_BYTES = 1 << 20;
/** Servers without support for that get the body after this time. */
const ANNOUNCED_MS = 1_000;

/** Sends single signed requests, each with a deadline, over persistent connections. */
export class S3Connection {
  readonly traffic = new TrafficCounter();
  readonly #sign: S3Signer;
  readonly #agent: HttpAgent;
  readonly #request: typeof httpRequest;

  constructor(
    readonly address: S3Address,
    keys: S3KeySource,
    private readonly options: ConnectionOptions,
  ) {
    const secure = address.endpoint.protocol === "https:";
    const pool = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MS, scheduling: "lifo" } as const;
    this.#sign = s3Signer(address, keys);
    this.#agent = secure ? new HttpsAgent(pool) : new HttpAgent(pool);
    this.#request = secure ? httpsRequest : httpRequest;
  }

  get deadlineMs(): number {
    return this.options.deadlineMs;
  }

  /**
   * Resolves when the response's headers have arrived; the caller reads or destroys its body. An abort closes the socket.
   * Throws ConnectionFailure, the signal's reason, or the error of the key source.
   */
  async send(request: S3Request, signal: AbortSignal | undefined): Promise<IncomingMessage> {
    signal?.throwIfAborted();
    const { body = EMPTY_BODY, method } = request;
    const url = urlOf(this.address, request);
    const headers = await this.#sign({
      method,
      url,
      headers: { ...request.headers, "x-amz-content-sha256": body.sha256.toString("hex") },
    });
    signal?.throwIfAborted();
    this.traffic.sent(method === "GET" && request.object === undefined ? "LIST" : method, body.sizeBytes);
    return this.#exchange(url, method, { ...headers, "content-length": String(body.sizeBytes) }, body, signal);
  }

  #exchange(
    url: URL,
    method: string,
    headers: Record<string, string>,
    body: S3Body,
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage> {
    const announced = body.sizeBytes >= ANNOUNCED_BYTES;
    const deadlineMs = this.deadlineMs + (body.sizeBytes / SLOWEST_BYTES_PER_SECOND) * 1000;
    return new Promise((resolve, reject) => {
      const outgoing = this.#request(url, {
        method,
        agent: this.#agent,
        headers: announced ? { ...headers, expect: "100-continue" } : headers,
      });
      const fail = (failure: S3Failure) => {
        reject(new ConnectionFailure(failure));
        outgoing.destroy();
      };
      const abort = () => {
        reject(signal?.reason);
        outgoing.destroy();
      };
      const deadline = setTimeout(() => fail(silentFailure(Math.round(deadlineMs / 1000), this.address)), deadlineMs);
      let written = false;
      const write = () => {
        if (written || outgoing.destroyed) return;
        written = true;
        for (const chunk of body.chunks) outgoing.write(chunk);
        outgoing.end();
      };
      const unannounced = announced ? setTimeout(write, ANNOUNCED_MS) : undefined;
      const settle = () => {
        clearTimeout(deadline);
        clearTimeout(unannounced);
        signal?.removeEventListener("abort", abort);
      };
      signal?.addEventListener("abort", abort, { once: true });
      outgoing.on("close", settle);
      outgoing.on("error", (error) => {
        settle();
        fail(networkFailure(error, this.address));
      });
      outgoing.on("continue", write);
      outgoing.on("response", (response) => {
        settle();
        response.on("error", () => {}); // Its reader gets the error.
        // Refused before the body was sent, for which the server may still wait.
        if (!written) response.once("close", () => outgoing.destroy());
        resolve(response);
      });
      if (announced) outgoing.flushHeaders();
      else write();
    });
  }
}
