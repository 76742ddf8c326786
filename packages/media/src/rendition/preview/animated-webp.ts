/** What a moving picture is. */
export interface Animation {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly durationSeconds: number;
  readonly hasSound: boolean;
}

const HEADER_BYTES = 12;
const CHUNK_BYTES = 8;

/**
 * Reads the chunks of an animated WebP, which ffmpeg 5 cannot decode: the canvas (VP8X) and the durations of its frames
 * (ANMF). Pure. https://developers.google.com/speed/webp/docs/riff_container
 */
export function parseAnimatedWebp(file: Buffer): Animation {
  const isWebp = file.toString("latin1", 0, 4) === "RIFF" && file.toString("latin1", 8, 12) === "WEBP";
  const found = { codec: isWebp ? "webp" : "unknown", width: 0, height: 0, frames: 0, hasSound: false };
  let milliseconds = 0;
  for (let at = HEADER_BYTES; isWebp && at + CHUNK_BYTES <= file.length; ) {
    const size = file.readUInt32LE(at + 4);
    const payload = at + CHUNK_BYTES;
    if (payload + size > file.length) break;
    const name = file.toString("latin1", at, at + 4);
    if (name === "VP8X" && size >= 10) {
      found.width = file.readUIntLE(payload + 4, 3) + 1;
      found.height = file.readUIntLE(payload + 7, 3) + 1;
    } else if (name === "ANMF" && size >= 16) {
      found.frames++;
      milliseconds += file.readUIntLE(payload + 12, 3);
    }
    at = payload + size + (size % 2); // Chunks are padded to even sizes.
  }
  return { ...found, durationSeconds: milliseconds / 1000 };
}
