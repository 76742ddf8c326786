import { PolyreelError } from "@polyreel/platform";

/** Limits of one source, and the size that its sender announced. */
export interface ExpectedBytes {
  readonly maxSourceBytes: number;
  /** Undefined if it is unknown. */
  readonly announced?: number | bigint | undefined;
  /** Field of the request that announces the size, for errors. */
  readonly field: string;
}

/** A source's bytes as they pass: exactly as many as announced, at least one, at most the limit. Throws PolyreelError. */
export async function* expectedBytes(
  chunks: AsyncIterable<Uint8Array>,
  { maxSourceBytes, announced, field }: ExpectedBytes,
): AsyncGenerator<Uint8Array> {
  assertAllowed(announced, { maxSourceBytes, field });
  let received = 0;
  for await (const chunk of chunks) {
    received += chunk.byteLength;
    if (announced !== undefined && received > announced) {
      throw wrongSize(field, `More bytes were sent than the ${grouped(announced)} that were announced.`);
    }
    assertAllowed(received, { maxSourceBytes, field });
    yield chunk;
  }
  if (announced !== undefined && received < announced) {
    throw wrongSize(field, `The file ended after ${grouped(received)} of the ${grouped(announced)} bytes announced.`);
  }
  if (received === 0) throw wrongSize(field, "The file is empty.");
}

/** Throws PolyreelError `exhausted` for a size over the limit. */
export function assertAllowed(
  bytes: number | bigint | undefined,
  { maxSourceBytes, field }: Pick<ExpectedBytes, "maxSourceBytes" | "field">,
): void {
  if (bytes === undefined || bytes <= maxSourceBytes) return;
  throw new PolyreelError("exhausted", {
    field,
    reason: `The file has ${grouped(bytes)} bytes or more; the limit is ${grouped(maxSourceBytes)}.`,
    remedy: "Give a smaller file, or raise GATEWAY_MAX_SOURCE_BYTES.",
  });
}

/** Throws PolyreelError `invalid` if a source that exists has another size than announced: a hash determines the size. */
export function assertSameSize(known: number, { announced, field }: Pick<ExpectedBytes, "announced" | "field">): void {
  if (announced === undefined || BigInt(announced) === BigInt(known)) return;
  throw wrongSize(field, `The file of this hash has ${grouped(known)} bytes, not the ${grouped(announced)} announced.`);
}

const grouped = (bytes: number | bigint): string => bytes.toLocaleString("en-US");

const wrongSize = (field: string, reason: string): PolyreelError =>
  new PolyreelError("invalid", {
    field,
    reason,
    remedy: "Send the whole file with its size, and leave it unchanged meanwhile.",
  });
