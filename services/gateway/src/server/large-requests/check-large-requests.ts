import { Code, ConnectError, type ContextValues, createContextKey, createContextValues } from "@connectrpc/connect";
import { BatchService } from "@polyreel/contract";
import type { Log } from "@polyreel/platform/runtime";
import { isOurFault, statusName, toConnectError } from "../errors.js";
import { messageTooLarge } from "../message-too-large.js";
import type { Handler } from "../one-port.js";
import { refuseRequest } from "../refuse-request.js";
import { CHECKED_METHODS, type RawRequest } from "./check-messages.js";
import type { CheckThread } from "./check-thread.js";

type Request = Parameters<Handler>[0];

/** Whether a call's request was checked before its handler decoded it. */
export const isChecked = createContextKey(false);

/** Smaller ones take milliseconds to decode and check, whatever their content. */
const LARGE_BYTES = 64 * 1024;
/** gRPC's: a byte of flags, and four for the length. */
const ENVELOPE_BYTES = 5;
const COMPRESSED = 1;

const ROOT = `/${BatchService.typeName}/`;
const METHODS = new Map(CHECKED_METHODS.map((method) => [ROOT + method, method]));

/**
 * Checks large requests in a thread before the API's handler decodes them: the reader of a refused body gets the
 * refusal instead.
 */
export class LargeRequests {
  readonly #contexts = new WeakMap<Request, ContextValues>();

  constructor(
    private readonly thread: CheckThread,
    private readonly log: Log,
    private readonly maxBytes: number,
  ) {}

  /** Context for a call's handlers. */
  contextValues(request: Request): ContextValues {
    return this.#contexts.get(request) ?? createContextValues();
  }

  /** Wraps the reading of the body. */
  handle(handler: Handler): Handler {
    return (request, response) => {
      const method = METHODS.get(request.url?.split("?", 2)[0] ?? "");
      if (isWhole(request.headers) && Number(request.headers["content-length"] ?? 0) > this.maxBytes) {
        return refuseRequest(request, response, messageTooLarge(this.maxBytes));
      }
      if (method && request.method === "POST") {
        const context = createContextValues();
        let isGone = false;
        response.once("close", () => {
          isGone = true;
        });
        this.#contexts.set(request, context);
        const chunks: () => AsyncIterator<Buffer> = request[Symbol.asyncIterator].bind(request);
        const check = (bytes: Buffer) => {
          const raw = rawRequest(request.headers, bytes, { method, maxBytes: this.maxBytes });
          return this.#check(raw, context, () => !isGone);
        };
        request[Symbol.asyncIterator] = () => this.#checked({ [Symbol.asyncIterator]: chunks }, request, check);
      }
      handler(request, response);
    };
  }

  async *#checked(
    chunks: AsyncIterable<Buffer>,
    { headers }: Request,
    check: (bytes: Buffer) => Promise<void>,
  ): AsyncGenerator<Buffer> {
    const kept: Buffer[] = [];
    let size = 0;
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > this.maxBytes + (isGrpc(headers) ? ENVELOPE_BYTES : 0)) throw messageTooLarge(this.maxBytes);
      kept.push(chunk);
    }
    // Compressed ones can be large in few bytes.
    if (size > LARGE_BYTES || isCompressed(headers)) await check(Buffer.concat(kept));
    yield* kept;
  }

  async #check(raw: RawRequest, context: ContextValues, isWanted: () => boolean): Promise<void> {
    const began = performance.now();
    try {
      await this.thread.check(raw, isWanted);
      context.set(isChecked, true);
    } catch (thrown) {
      const error = toConnectError(thrown);
      // Interceptors do not see calls whose request could not be read.
      const fields = {
        rpc: ROOT.slice(1) + raw.method,
        status: statusName(error),
        ms: Math.round(performance.now() - began),
      };
      if (isOurFault(error)) this.log.error({ ...fields, err: error.cause ?? error }, "call");
      else this.log.info(fields, "call");
      throw error;
    }
  }
}

const isGrpc = (headers: Request["headers"]): boolean => /^application\/grpc/i.test(headers["content-type"] ?? "");

/** Whether the body is one message without an envelope: of a unary call of Connect. */
const isWhole = (headers: Request["headers"]): boolean =>
  /^application\/(json|proto)\b/i.test(headers["content-type"] ?? "");

const encodingOf = (headers: Request["headers"]): string | undefined => {
  const encoding = headers[isGrpc(headers) ? "grpc-encoding" : "content-encoding"];
  return typeof encoding === "string" && encoding !== "identity" ? encoding : undefined;
};

const isCompressed = (headers: Request["headers"]): boolean => encodingOf(headers) !== undefined;

/** Removes gRPC's envelope. */
function rawRequest(
  headers: Request["headers"],
  body: Buffer,
  { method, maxBytes }: Pick<RawRequest, "method" | "maxBytes">,
): RawRequest {
  const isJson = /json/i.test(headers["content-type"] ?? "");
  const encoding = encodingOf(headers);
  if (!isGrpc(headers)) return { method, isJson, encoding, bytes: body, maxBytes };
  if (body.length < ENVELOPE_BYTES || body.readUInt32BE(1) !== body.length - ENVELOPE_BYTES) {
    throw new ConnectError("The request is not one whole message.", Code.InvalidArgument);
  }
  const isPlain = ((body[0] ?? 0) & COMPRESSED) === 0;
  return {
    ...{ method, isJson, maxBytes, encoding: isPlain ? undefined : encoding },
    bytes: body.subarray(ENVELOPE_BYTES),
  };
}
