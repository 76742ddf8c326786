import { setTimeout as sleep } from "node:timers/promises";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Interceptor, type StreamRequest } from "@connectrpc/connect";
import { FailureSchema } from "@polyreel/contract";
import { RetryInfoSchema } from "@polyreel/contract/google/rpc/error_details_pb.js";

/** A call waits no longer than this in all; what takes longer, such as the next day, is the user's decision. */
const PATIENCE_MS = 60_000;
/** Shorter waits are not worth a line. */
const NOTED_MS = 2000;
/** Commands that were refused together do not come back together. */
const SPREAD = 0.2;

/**
 * Waits where a server refuses a call that came too early and says when to come again, and repeats it: nothing was done yet.
 * Calls whose requests are streams are not repeated.
 */
export const awaitRate =
  (note: (text: string) => void): Interceptor =>
  (next) =>
  async (given) => {
    const { methodKind } = given.method;
    if (methodKind === "client_streaming" || methodKind === "bidi_streaming") return next(given);
    const request = given.stream ? await repeatable(given) : given;
    for (let patience = PATIENCE_MS; ; ) {
      try {
        return await next(request);
      } catch (error) {
        const wait = waitOf(error) * (1 + Math.random() * SPREAD);
        if (!(wait <= patience)) throw error;
        patience -= wait;
        if (wait >= NOTED_MS) note(`${reasonOf(error)} Trying again in ${Math.ceil(wait / 1000)} s.\n`);
        await sleep(wait, undefined, { signal: request.signal });
      }
    }
  };

/** NaN for another error. */
function waitOf(error: unknown): number {
  if (!(error instanceof ConnectError) || error.code !== Code.ResourceExhausted) return Number.NaN;
  const [retry] = error.findDetails(RetryInfoSchema);
  return retry?.retryDelay ? durationMs(retry.retryDelay) : Number.NaN;
}

function reasonOf(error: unknown): string {
  const [failure] = error instanceof ConnectError ? error.findDetails(FailureSchema) : [];
  return failure?.reason ?? "The server refused it for now.";
}

/** The one message of a call whose answers are a stream. */
async function repeatable(request: StreamRequest): Promise<StreamRequest> {
  const messages: (typeof request.message extends AsyncIterable<infer Message> ? Message : never)[] = [];
  for await (const message of request.message) messages.push(message);
  return {
    ...request,
    message: {
      async *[Symbol.asyncIterator]() {
        yield* messages;
      },
    },
  };
}
