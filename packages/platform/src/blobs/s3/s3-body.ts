import { createHash, type Hash } from "node:crypto";

/** Bytes to be sent, as often as it takes, with their checksum. */
export interface S3Body {
  readonly chunks: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly sha256: Buffer;
}

export const EMPTY_BODY: S3Body = { chunks: [], sizeBytes: 0, sha256: createHash("sha256").digest() };

export function bodyOf(text: string | Uint8Array): S3Body {
  const bytes = Buffer.from(text);
  return { chunks: [bytes], sizeBytes: bytes.length, sha256: createHash("sha256").update(bytes).digest() };
}

/**
 * A stream in bodies of `partBytes`, the last one smaller, and empty only where the stream is: at most one of them is in
 * memory here.
 */
export async function* inParts(bytes: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<S3Body> {
  let part = new GrowingPart();
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.byteLength; ) {
      // A full one is given on only when more follows: so that the first knows whether it is the only one.
      if (part.sizeBytes === partBytes) {
        yield part.finish();
        part = new GrowingPart();
      }
      const end = Math.min(chunk.byteLength, at + partBytes - part.sizeBytes);
      part.add(chunk.subarray(at, end));
      at = end;
    }
  }
  yield part.finish();
}

class GrowingPart {
  readonly #chunks: Uint8Array[] = [];
  readonly #hash: Hash = createHash("sha256");
  sizeBytes = 0;

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#hash.update(chunk);
    this.sizeBytes += chunk.byteLength;
  }

  finish(): S3Body {
    return { chunks: this.#chunks, sizeBytes: this.sizeBytes, sha256: this.#hash.digest() };
  }
}
