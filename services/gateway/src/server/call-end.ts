import type { StreamResponse, UnaryResponse } from "@connectrpc/connect";

/**
 * Wraps a call's response so that `end` is called once when the call is over: after its only or last message, or with
 * its error, which is replaced by the result of `end`. A reader that leaves a stream early ends it without an error.
 */
export async function untilEnd<E>(
  call: () => Promise<UnaryResponse | StreamResponse>,
  end: (error?: unknown) => E,
): Promise<UnaryResponse | StreamResponse> {
  try {
    const response = await call();
    if (response.stream) return { ...response, message: untilLast(response.message, end) };
    end();
    return response;
  } catch (error) {
    throw end(error);
  }
}

async function* untilLast<T, E>(messages: AsyncIterable<T>, end: (error?: unknown) => E): AsyncGenerator<T> {
  let failed = false;
  try {
    yield* messages;
  } catch (error) {
    failed = true;
    throw end(error);
  } finally {
    if (!failed) end();
  }
}
