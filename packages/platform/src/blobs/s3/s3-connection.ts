import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { S3Address } from "./s3-address.js";
import { EMPTY_BODY, type S3Body } from "./s3-body.js";
import { networkFailure, type S3Failure, silentFailure } from "./s3-errors.js";
import type { S3KeySource } from "./s3-keys.js";
import { type S3Signer, s3Signer } from "./s3-signer.js";
import { urlOf } from "./s3-url.js";

export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** An object's whole key in the bucket; of the bucket itself where it is left out. */
  readonly object?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: S3Body;
}

/** Thrown for a connection that failed, or a deadline that passed: a PolyreelError comes of it when it is not repeated. */
export class ConnectionFailure extends Error {
  override readonly name = "ConnectionFailure";

  constructor(readonly failure: S3Failure) {
    super(failure.error.message, { cause: failure.error.cause });
  }
}

export interface ConnectionOptions {
  /** How long the server may stay silent; for bodies that are sent, beside the time of SLOWEST_BYTES_PER_SECOND. */
  readonly deadlineMs: number;
}

/** A slower line counts as silent. */
const SLOWEST_BYTES_PER_SECOND = 256 * 1024;
/** Connections of a store in one process: each reader holds one while it reads, and may be slow. */
const MAX_SOCKETS = 256;
/** Servers close idle connections after a while, most after 60 s or more. */
const IDLE_MS = 15_000;
/** A body of this size waits for the server's word that it wants it: a refusal would else be lost in a broken connection. */
const ANNOUNCED_BYTES = 1 << 20;
/** Servers that don't know the announcement get the body after this time. */
const ANNOUNCED_MS = 1_000;

/** Sends single requests, signed, each with a deadline; connections are kept and used again. */
export class S3Connection {
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
   * Resolves when the answer's headers have arrived; its body is the caller's to read or destroy. An abort closes the socket.
   * Throws ConnectionFailure, the signal's reason, or what the source of the keys throws.
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
        response.on("error", () => {}); // whoever reads it learns of it
        // Refused before its body was wanted: the server still waits for one.
        if (!written) response.once("close", () => outgoing.destroy());
        resolve(response);
      });
      if (announced) outgoing.flushHeaders();
      else write();
    });
  }
}
