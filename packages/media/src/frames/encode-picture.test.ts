import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PictureFormat } from "@polyreel/contract";
import { expect, test } from "vitest";
import { runFfmpeg } from "../ffmpeg/run.js";
import { encodePicture } from "./encode-picture.js";

/** The left half of 16x8 is half transparent red, the right half blue. */
const picture = {
  width: 16,
  height: 8,
  data: Buffer.concat(
    Array.from({ length: 8 * 16 }, (_, i) => Buffer.from(i % 16 < 8 ? [255, 0, 0, 128] : [0, 0, 255, 255])),
  ),
};

test.each([
  ["png", PictureFormat.PNG, [255, 0, 0, 128]],
  ["webp", PictureFormat.WEBP, [255, 0, 0, 128]],
  ["jpeg", PictureFormat.JPEG, [128, 0, 0, 255]], // No transparency: blended with black.
])("a %s decodes to the same colours", async (extension, format, left) => {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-encode-picture-"));
  try {
    const path = join(folder, `picture.${extension}`);
    await writeFile(path, await encodePicture(picture, format));
    const chunks: Buffer[] = [];
    await runFfmpeg({
      inputs: [{ file: path }],
      outputs: [{ stdout: true, options: ["-f", "rawvideo", "-pix_fmt", "rgba"] }],
      onStdout: (chunk) => {
        chunks.push(chunk);
      },
      signal: new AbortController().signal,
      deadlineSeconds: 60,
      maxOutputBytes: 1 << 20,
    });
    const data = Buffer.concat(chunks);
    expect(data.length).toBe(16 * 8 * 4);
    for (const [x, expected] of [
      [3, left],
      [12, [0, 0, 255, 255]],
    ] as const) {
      const at = (4 * 16 + x) * 4;
      for (const [i, value] of expected.entries()) expect(Math.abs((data[at + i] ?? 0) - value)).toBeLessThan(16);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
