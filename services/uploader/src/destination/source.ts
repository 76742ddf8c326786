import { createHash } from "node:crypto";
import { type AppendedFile, appendAll, appendLayout } from "@polyreel/media/join";
import type { PartStore, RenderedLayout } from "@polyreel/parts";

/** The bytes of a file to be delivered. */
export interface Source {
  /** Fixes every byte; undefined where it is known only once they are written. */
  readonly content: string | undefined;
  /** Appends the bytes to a new file, and gives what fixes them. May be called again: it gives the same bytes then. */
  write(file: AppendedFile, signal: AbortSignal): Promise<string>;
}

/** An output: its header, and ranges of parts. */
export function outputSource({ layout, hashes }: RenderedLayout, parts: PartStore): Source {
  const content = sha256Of(hashes);
  return {
    content,
    async write(file, signal) {
      await appendLayout(layout, parts, file, signal);
      return content;
    },
  };
}

/** A small file, piece by piece: `pieces` gives the same ones whenever it is called. */
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
