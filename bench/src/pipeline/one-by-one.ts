import { stat } from "node:fs/promises";
import { join } from "node:path";
import { plainFfmpeg } from "../instead/ffmpeg.js";
import { reencodeArguments } from "../instead/reencode.js";
import { measure } from "../measure/measure.js";
import { combinationsOf, type Grid } from "./grid.js";

export interface OneByOne {
  /** Of all combinations, from the sample. */
  readonly wallSeconds: number;
  /** Of one video. */
  readonly megabytes: number;
}

/**
 * What encoding each combination from its sources takes, with one command that uses all cores, one after the other. Only a
 * sample is encoded, combinations of the choices at the same position: all blocks have choices of the same lengths, so a
 * sample of as many as there are lengths costs what all do on average.
 */
export async function encodeOneByOne(grid: Grid, sample: number, signal: AbortSignal): Promise<OneByOne> {
  const { folder, size, bed, keepSound, secondsOf } = grid;
  let bytes = 0;
  const taken = await measure(async () => {
    for (let i = 0; i < sample; i++) {
      const footage = grid.footage.map((choices) => choices[i % choices.length] ?? "");
      const seconds = footage.length * secondsOf(i);
      const output = join(folder, `instead-${i}.mp4`);
      await plainFfmpeg(
        reencodeArguments({ footage, sounds: [bed], muted: !keepSound, size, seconds, output }),
        signal,
      );
      bytes += (await stat(output)).size;
    }
  });
  return { wallSeconds: (taken.wallSeconds / sample) * combinationsOf(grid), megabytes: bytes / sample / 1e6 };
}
