import { createHash } from "node:crypto";
import { PolyreelError } from "@polyreel/platform";
import { abortable, EMPTY_BODY, inParts, type S3Body } from "@polyreel/platform/s3";
import type { Source } from "../source.js";

/** S3's limit. */
const MAX_PARTS = 10_000;

/** A source whose content is known. */
export interface MeasuredSource {
  readonly content: string;
  /** All of its bytes, if they fit into one part. */
  readonly body: S3Body | undefined;
}

/**
 * Determines the content of a source, and reads it if it fits into one part. A larger one of unknown content is read to its
 * end, because its hash is in the headers, which are sent before its bytes.
 */
export async function measure(source: Source, partBytes: number, signal: AbortSignal): Promise<MeasuredSource> {
  const { content, sizeBytes } = source;
  if (content !== undefined && sizeBytes !== undefined && sizeBytes > partBytes) return { content, body: undefined };
  const bodies = bodiesOf(source, partBytes, signal);
  try {
    const first = await bodies.next();
    const second = await bodies.next();
    if (first.done) return { content: content ?? EMPTY_BODY.sha256.toString("hex"), body: EMPTY_BODY };
    if (second.done) return { content: content ?? first.value.sha256.toString("hex"), body: first.value };
    if (content !== undefined) return { content, body: undefined };
    const hash = createHash("sha256");
    for (const { chunks } of [first.value, second.value]) for (const chunk of chunks) hash.update(chunk);
    for await (const { chunks } of bodies) for (const chunk of chunks) hash.update(chunk);
    return { content: hash.digest("hex"), body: undefined };
  } finally {
    await bodies.return(undefined);
  }
}

/** The bytes of a source in bodies of one part each. Throws if their number is not the expected one. */
export async function* bodiesOf(source: Source, partBytes: number, signal: AbortSignal): AsyncGenerator<S3Body> {
  let sizeBytes = 0;
  let count = 0;
  for await (const body of inParts(abortable(source.read(signal), signal), partBytes)) {
    sizeBytes += body.sizeBytes;
    if (++count > MAX_PARTS) {
      throw new PolyreelError("invalid", {
        reason: `It is larger than ${MAX_PARTS * partBytes} bytes, the most that S3 takes in parts of ${partBytes} bytes.`,
        remedy: "Deliver shorter videos.",
      });
    }
    yield body;
  }
  if (source.sizeBytes === undefined || sizeBytes === source.sizeBytes) return;
  throw new PolyreelError("internal", `A source gave ${sizeBytes} of ${source.sizeBytes} bytes.`);
}
