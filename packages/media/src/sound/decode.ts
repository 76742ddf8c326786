import { randomUUID } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type PcmIndex, PcmIndexSchema } from "@polyreel/contract";
import { type DecodeOptions, decodeSound } from "./decode-sound.js";
import { LoudnessMeter } from "./loudness-meter.js";
import { BYTES_PER_SAMPLE, CHANNELS, pcmBytes } from "./pcm.js";

/**
 * Decodes an audio track of a file to a file of PCM in `tempDir`, and measures its loudness over time in the same pass.
 * Throws like `decodeSound`; no file is left then.
 */
export async function decodePcm(
  sourcePath: string,
  { tempDir, ...options }: DecodeOptions & { readonly tempDir: string },
): Promise<{ path: string; index: PcmIndex }> {
  const path = join(tempDir, `${randomUUID()}.pcm`);
  try {
    await using file = await open(path, "wx");
    let meter = new LoudnessMeter();
    let position = 0;
    const samples = await decodeSound(sourcePath, options, {
      begin: async () => {
        await file.truncate(0);
        meter = new LoudnessMeter();
        position = 0;
      },
      push: async (values) => {
        meter.push(values);
        await writeAll(file, pcmBytes(values), position);
        position += (values.length / CHANNELS) * BYTES_PER_SAMPLE;
      },
    });
    const index = create(PcmIndexSchema, { samples: BigInt(samples), loudnessLufs: meter.finish() });
    return { path, index };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
