import { createHash } from "node:crypto";
import { type AppendedFile, appendAll, appendLayout, readLayout } from "@polyreel/media/join";
import type { PartStore, RenderedLayout } from "@polyreel/parts";

/** The bytes of a file to deliver. */
export interface Source {
  readonly contentType: string;
  /** Undefined if it is known only after reading. */
  readonly sizeBytes: number | undefined;
  /** A hash that determines every byte; undefined if it is known only after reading. */
  readonly content: string | undefined;
  /** Appends the bytes to a new file, and returns their content hash. Repeatable with the same bytes. */
  write(file: AppendedFile, signal: AbortSignal): Promise<string>;
  /** Reads the bytes from `start` on, for destinations without files. Repeatable; chunks must not be modified. */
  read(signal: AbortSignal, start?: number): AsyncIterable<Uint8Array>;
}

/** The bytes of an output: its header, and ranges of parts. If it is all literal, its content is its SHA-256. */
export function outputSource({ layout, hashes }: RenderedLayout, parts: PartStore, contentType: string): Source {
  const [literal = "", ...payloads] = hashes;
  const content = payloads.length === 0 ? literal : sha256Of(hashes);
  return {
    contentType,
    sizeBytes: layout.sizeBytes,
    content,
    async write(file, signal) {
      await appendLayout(layout, parts, file, signal);
      return content;
    },
    async *read(signal, start = 0) {
      for await (const chunk of readLayout(layout, parts, start, layout.sizeBytes)) {
        signal.throwIfAborted();
        yield chunk;
      }
    },
  };
}

type Pieces = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** The bytes of a small file in pieces: `pieces` must return the same ones on every call. */
export function pieceSource(pieces: () => Pieces, contentType = "application/octet-stream"): Source {
  return {
    contentType,
    sizeBytes: undefined,
    content: undefined,
    async write(file, signal) {
      const hash = createHash("sha256");
      for await (const piece of pieces()) {
        signal.throwIfAborted();
        hash.update(piece);
        await appendAll(file, [Buffer.from(piece)]);
      }
      return hash.digest("hex");
    },
    async *read(signal, start = 0) {
      let skipped = 0;
      for await (const piece of pieces()) {
        signal.throwIfAborted();
        const bytes = Buffer.from(piece);
        const from = Math.min(bytes.length, start - skipped);
        skipped += from;
        if (from < bytes.length) yield bytes.subarray(from);
      }
    },
  };
}

function sha256Of(pieces: readonly string[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}
