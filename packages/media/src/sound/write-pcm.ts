import { open } from "node:fs/promises";
import { CHANNELS, pcmBytes, SAMPLE_RATE } from "./pcm.js";

/** Write size: a second. Handing over pieces of a tenth would cost more than mixing them. */
const BUFFERED_VALUES = SAMPLE_RATE * CHANNELS;

/** Writes PCM to a new file. Throws the signal's reason, what the pieces throw, or the file system's error. */
export async function writePcm(pieces: AsyncIterable<Float32Array>, path: string, signal: AbortSignal): Promise<void> {
  await using file = await open(path, "wx");
  const buffer = new Float32Array(BUFFERED_VALUES);
  let filled = 0;
  for await (const piece of pieces) {
    for (let done = 0; done < piece.length; ) {
      const taken = piece.subarray(done, done + buffer.length - filled);
      buffer.set(taken, filled);
      done += taken.length;
      filled += taken.length;
      if (filled < buffer.length) continue;
      signal.throwIfAborted();
      await file.writeFile(pcmBytes(buffer));
      filled = 0;
    }
  }
  await file.writeFile(pcmBytes(buffer.subarray(0, filled)));
}
