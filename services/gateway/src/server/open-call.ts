import type { IncomingMessage, ServerResponse } from "node:http";
import { constants, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { unreadBytes } from "./responses.js";

/** Less than this within the timeout counts as silence: otherwise single bytes would hold a call forever. */
const LEAST_BYTES = 1024;

/**
 * A call, and which side it waits for. A body counts as stalled only while the server waits for its bytes, so that a
 * slow disk is not blamed on the client; a response counts as unread while none of its buffered bytes leaves.
 */
export class OpenCall {
  /** Since when the reader of the body waits for its next bytes. */
  #askedAt: number | undefined;
  /** How long it waited for earlier bytes, and their number, since there were enough of them. */
  #waitedMs = 0;
  #bytes = 0;
  #giveUp: ((error: Error) => void) | undefined;
  #unread: { readonly bytes: number; readonly since: number } | undefined;

  constructor(
    private readonly request: IncomingMessage | Http2ServerRequest,
    private readonly response: ServerResponse | Http2ServerResponse,
  ) {
    const chunks: () => AsyncIterator<Buffer> = request[Symbol.asyncIterator].bind(request);
    request[Symbol.asyncIterator] = () => this.#timed(chunks());
  }

  /** Since when the client is due; undefined while the server is. */
  get waitsSince(): number | undefined {
    return this.#askedAt ?? this.#unread?.since;
  }

  /** Ends the call if its client has been silent, or has read nothing, for longer than `timeoutMs`. */
  check(now: number, timeoutMs: number): void {
    if (this.#askedAt !== undefined && this.#waitedMs + now - this.#askedAt >= timeoutMs) {
      const seconds = Math.ceil(timeoutMs / 1000);
      this.#giveUp?.(
        new ConnectError(
          `The request stopped before its end: next to nothing came for ${seconds} s.`,
          Code.DeadlineExceeded,
        ),
      );
    }
    const bytes = unreadBytes(this.response);
    if (bytes === 0) this.#unread = undefined;
    else if (this.#unread?.bytes !== bytes) this.#unread = { bytes, since: now };
    else if (now - this.#unread.since >= timeoutMs) this.#cut();
  }

  #cut(): void {
    if ("stream" in this.response) {
      this.response.stream.close(constants.NGHTTP2_CANCEL);
      this.response.stream.destroy();
    } else {
      this.request.socket.destroy();
    }
  }

  async *#timed(chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
    let isOver = false;
    try {
      for (;;) {
        isOver = true; // Also if this throws: later requests for bytes would never be answered.
        const next = await this.#next(chunks);
        if (next.done) return;
        isOver = false;
        yield next.value;
      }
    } finally {
      if (!isOver) await chunks.return?.();
    }
  }

  /** Not Promise.race: with a long-lived promise it would leak memory for each chunk of an upload. */
  #next(chunks: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer>> {
    return new Promise((resolve, reject) => {
      const askedAt = Date.now();
      const heard = (size: number) => {
        this.#askedAt = undefined;
        this.#bytes += size;
        this.#waitedMs += Date.now() - askedAt;
        if (this.#bytes < LEAST_BYTES) return;
        this.#bytes = 0;
        this.#waitedMs = 0;
      };
      const fail = (error: unknown) => {
        heard(0);
        reject(error);
      };
      this.#askedAt = askedAt;
      this.#giveUp = fail;
      chunks.next().then((next) => {
        heard(next.done ? 0 : next.value.length);
        resolve(next);
      }, fail);
    });
  }
}
