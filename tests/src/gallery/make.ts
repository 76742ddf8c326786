import { join } from "node:path";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { put } from "../testing/media.js";
import type { Pipeline } from "../testing/pipeline.js";

const ENCODED = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-pix_fmt", "yuv420p"];

/** Makes media from lavfi descriptions and uploads them; returns the SHA-256. The extension selects the kind of file. */
export async function make(
  pipeline: Pick<Pipeline, "folder" | "sources">,
  name: string,
  { picture, sound }: { picture?: string; sound?: string },
): Promise<string> {
  const path = join(pipeline.folder, name);
  const still = name.endsWith(".png");
  await runFfmpeg({
    inputs: [picture, sound].flatMap((lavfi) => (lavfi ? [{ lavfi }] : [])),
    outputs: [
      {
        file: path,
        options: [
          ...(still ? ["-frames:v", "1"] : picture ? ENCODED : []),
          ...(picture && sound ? ["-c:a", "aac"] : []),
        ],
      },
    ],
    signal: new AbortController().signal,
    deadlineSeconds: 60,
    maxOutputBytes: 1 << 28,
  });
  return put(pipeline, path);
}

/** A constant tone. */
export const tone = (hertz: number, seconds: number): string => `sine=f=${hertz}:r=48000:d=${seconds}`;
export const plain = (colour: string, seconds: number, size = "180x320"): string =>
  `color=${colour}:s=${size}:r=30:d=${seconds}`;
