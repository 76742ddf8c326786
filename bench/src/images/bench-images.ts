import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { create } from "@bufbuild/protobuf";
import { ImageFormat, ImageSchema } from "@polyreel/contract";
import { ImageWorkers, makeImage } from "@polyreel/media/image";
import sharp from "sharp";
import type { Benchmark } from "../benchmark.js";
import { inTurns } from "../measure/measure.js";
import type { Workshop } from "../workshop.js";

const PLAIN = fileURLToPath(new URL("../instead/plain-sharp.js", import.meta.url));
const WIDTH = 800;
const PHOTOS = 4;

export const images: Benchmark = {
  title: "images",
  figures: {
    imagesVsSharp: { goal: { atMost: 1.3 }, unit: "x", about: "CPU of images, over one sharp process that makes them" },
    imageCpuMs: { unit: "ms", about: "CPU of one image" },
    imageInsteadCpuMs: { unit: "ms", about: "CPU of one image by sharp alone" },
    imagesTime: { unit: "x", about: "time of these images, over that process" },
  },
  run: benchImages,
};

/** Photos made smaller as by the renderer, in confined programs that are started for them, beside one script. */
async function benchImages({ scale, signal, folder }: Workshop) {
  const { count, rounds, pixels } = scale.images;
  const work = await folder("images");
  const photos = await Promise.all(Array.from({ length: PHOTOS }, (_, i) => makePhoto(join(work, `${i}.jpg`), pixels)));
  const settings = create(ImageSchema, { format: ImageFormat.WEBP, width: WIDTH });
  const ours = async () => {
    const workers = new ImageWorkers({ processes: availableParallelism() });
    const made = Array.from({ length: count }, async (_, i) => {
      const path = photos[i % PHOTOS] ?? "";
      await rm((await makeImage({ path }, settings, { workers, tempDir: work, signal })).payloadPath);
    });
    await Promise.all(made);
    await workers.close(); // Ended programs are counted.
  };
  const instead = () =>
    promisify(execFile)(process.execPath, [PLAIN, work, String(WIDTH), String(count), ...photos], { signal });
  const taken = await inTurns(rounds, { ours, instead }, { warmUp: false });
  return {
    imagesVsSharp: taken.ours.cpuSeconds / taken.instead.cpuSeconds,
    imageCpuMs: (taken.ours.cpuSeconds / count) * 1000,
    imageInsteadCpuMs: (taken.instead.cpuSeconds / count) * 1000,
    imagesTime: taken.ours.wallSeconds / taken.instead.wallSeconds,
  };
}

/** Detail like that of a photo: noise, blurred. */
async function makePhoto(path: string, { width, height }: { width: number; height: number }): Promise<string> {
  const noise = { type: "gaussian", mean: 128, sigma: 60 } as const;
  await sharp({ create: { width, height, channels: 3, background: "#000", noise } })
    .blur(1.5)
    .jpeg({ quality: 90 })
    .toFile(path);
  return path;
}
