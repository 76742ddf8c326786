/** Adjacent boxes of ISO/IEC 14496-12, with their contents. Stops at a box that exceeds its container. */
export function* boxesIn(bytes: Buffer): Generator<{ type: string; content: Buffer }> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > bytes.length) return;
    yield { type: bytes.toString("latin1", at + 4, at + 8), content: bytes.subarray(at + 8, at + size) };
    at += size;
  }
}

/** The content of the first box of a type; undefined if there is none. */
export function find(bytes: Buffer | undefined, type: string): Buffer | undefined {
  for (const box of boxesIn(bytes ?? EMPTY)) if (box.type === type) return box.content;
  return undefined;
}

/** The same along a path of types. */
export const findIn = (bytes: Buffer, ...path: readonly string[]): Buffer | undefined =>
  path.reduce<Buffer | undefined>((within, type) => find(within, type), bytes);

const EMPTY = Buffer.alloc(0);
