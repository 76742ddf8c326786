import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { delayAfter, retry, spread } from "../../flow/retry.js";
import { abortable } from "../abortable.js";
import type { Traffic } from "../traffic.js";
import type { S3Address } from "./s3-address.js";
import { ConnectionFailure, type S3Connection, type S3Request } from "./s3-connection.js";
import { networkFailure, refusalFailure, type S3Failure, S3Refusal, silentFailure } from "./s3-errors.js";
import { child, parseXml, text, type Xml } from "./s3-xml.js";

/** Of a request that fails because of the network or a busy server. After them the work waits for the store. */
const ATTEMPTS = 5;
const LONGEST_DELAY_MS = 3_000;
/** A list of a thousand keys takes less than half a megabyte. */
const MAX_ANSWER_BYTES = 8 << 20;

export interface S3Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The root element of its body. */
  readonly root: Xml | undefined;
  /** S3's error code, such as `NoSuchKey`; empty without an error or a body. */
  readonly s3Code: string;
  /** Number of times the request was sent: if more than once, an earlier one may have taken effect. */
  readonly attempts: number;
}

/** Besides 200 to 299, responses with these statuses are returned to the caller. */
type Accepted = { readonly accept?: readonly number[]; readonly signal?: AbortSignal | undefined };

/** Sends requests, and repeats those that fail because of the network or a busy server, with growing delays. */
export class S3Client {
  constructor(
    private readonly connection: S3Connection,
    private readonly firstDelayMs: number,
  ) {}

  get address(): S3Address {
    return this.connection.address;
  }

  get traffic(): Traffic {
    return this.connection.traffic;
  }

  /** Throws PolyreelError, or the signal's reason. */
  async call(request: S3Request, { accept = [], signal }: Accepted = {}): Promise<S3Answer> {
    let attempts = 0;
    return this.#repeated(async () => {
      attempts++;
      const response = await this.connection.send(request, signal);
      const body = parseXml(await this.#textOf(response, signal));
      const { statusCode: status = 0, headers } = response;
      const answer = { status, headers, root: body, s3Code: text(body, "Error", "Code"), attempts };
      // Some requests get a status of 200 before their outcome is known; the body then contains the error.
      const succeeded = status >= 200 && status < 300 && child(body, "Error") === undefined;
      if (succeeded || (accept.includes(status) && answer.s3Code !== "NoSuchBucket")) return answer;
      throw new ConnectionFailure(this.#refused(await this.#explained(request, answer, signal)));
    }, signal);
  }

  /** The same for a response whose body is an object's bytes, which the caller reads or destroys. */
  async open(request: S3Request, { accept = [], signal }: Accepted = {}): Promise<IncomingMessage> {
    return this.#repeated(async () => {
      const response = await this.connection.send(request, signal);
      const { statusCode: status = 0, headers } = response;
      if (status === 200 || status === 206) return response;
      const root = parseXml(await this.#textOf(response, signal));
      const s3Code = text(root, "Error", "Code");
      if (accept.includes(status) && s3Code !== "NoSuchBucket") return response;
      throw new ConnectionFailure(this.#refused({ status, headers, root, s3Code, attempts: 1 }));
    }, signal);
  }

  /** Streams the bytes of a response. Throws ConnectionFailure if none arrive for too long, or the connection breaks. */
  async *bytesOf(response: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
    const { deadlineMs } = this.connection;
    const silent = new AbortController();
    const failure = new ConnectionFailure(silentFailure(Math.round(deadlineMs / 1000), this.address));
    const arm = () => setTimeout(() => silent.abort(failure), deadlineMs);
    let timer = arm();
    const stop = signal ? AbortSignal.any([signal, silent.signal]) : silent.signal;
    try {
      for await (const chunk of abortable<Buffer>(response, stop)) {
        clearTimeout(timer); // The reader may be slow.
        this.connection.traffic.received(chunk.length);
        yield chunk;
        timer = arm();
      }
    } catch (error) {
      if (signal?.aborted || error instanceof ConnectionFailure) throw error;
      throw new ConnectionFailure(networkFailure(error, this.address));
    } finally {
      clearTimeout(timer);
      response.destroy();
    }
  }

  #repeated<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return retry(work, (error, failed) => this.delayAfterFailure(error, failed), signal);
  }

  /** Milliseconds until the next attempt. Throws the error for users if there is to be none. */
  delayAfterFailure(error: unknown, failed: number): number {
    if (!(error instanceof ConnectionFailure)) throw error;
    if (!error.failure.transient || failed >= ATTEMPTS) throw error.failure.error;
    const backOff = { firstMs: this.firstDelayMs, longestMs: LONGEST_DELAY_MS };
    return spread(delayAfter(failed, backOff), Math.random(), 1);
  }

  /** Responses to HEAD have no body, so no error code: a GET fails for the same reason, and its response has one. */
  async #explained(request: S3Request, answer: S3Answer, signal: AbortSignal | undefined): Promise<S3Answer> {
    if (request.method !== "HEAD" || answer.status >= 500) return answer;
    const headers = { ...request.headers, range: "bytes=0-0" };
    const response = await this.connection.send({ ...request, method: "GET", headers }, signal);
    const root = parseXml(await this.#textOf(response, signal));
    return { ...answer, root, s3Code: text(root, "Error", "Code") };
  }

  #refused({ status, headers, root, s3Code }: S3Answer): S3Failure {
    const requestId = String(headers["x-amz-request-id"] ?? "");
    return refusalFailure(new S3Refusal(status, s3Code, requestId), {
      region: String(headers["x-amz-bucket-region"] ?? "") || text(root, "Error", "Region") || undefined,
      date: headers.date,
      address: this.address,
    });
  }

  async #textOf(response: IncomingMessage, signal: AbortSignal | undefined): Promise<string> {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    for await (const chunk of this.bytesOf(response, signal)) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_ANSWER_BYTES) break;
    }
    return Buffer.concat(chunks).toString("utf8");
  }
}
