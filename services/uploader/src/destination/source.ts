import { createHash } from "node:crypto";
import { type AppendedFile, appendAll, appendLayout } from "@polyreel/media/join";
import type { PartStore, RenderedLayout } from "@polyreel/parts";

/** The bytes of a file to deliver. */
export interface Source {
  /** A hash that determines every byte; undefined if it is known only after writing. */
  readonly content: string | undefined;
  /** Appends the bytes to a new file, and returns their content hash. Repeatable with the same bytes. */
  write(file: AppendedFile, signal: AbortSignal): Promise<string>;
}

/** The bytes of an output: its header, and ranges of parts. If it is all literal, its content is its SHA-256. */
export function outputSource({ layout, hashes }: RenderedLayout, parts: PartStore): Source {
  const [literal = "", ...payloads] = hashes;
  const content = payloads.length === 0 ? literal : sha256Of(hashes);
  return {
    content,
    async write(file, signal) {
      await appendLayout(layout, parts, file, signal);
      return content;
    },
  };
}

/** The bytes of a small file in pieces: `pieces` must return the same ones on every call. */
export function pieceSource(pieces: () => AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>): Source {
  return {
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
  };
}

function sha256Of(pieces: readonly string[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}
