import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import type { Pipeline } from "./pipeline.js";

const { signal } = new AbortController();

/** Footage of colours and moving shapes, with a tone unless `sound` is false. */
export async function makeFootage(
  folder: string,
  name: string,
  { seconds = 1, size = "320x180", rate = 30, hertz = 440, sound = true } = {},
): Promise<string> {
  const path = join(folder, name);
  await runFfmpeg({
    inputs: [
      { lavfi: `testsrc2=size=${size}:rate=${rate}:duration=${seconds}` },
      ...(sound ? [{ lavfi: `sine=frequency=${hertz}:duration=${seconds}:sample_rate=48000` }] : []),
    ],
    outputs: [
      {
        file: path,
        options: ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", ...(sound ? ["-c:a", "aac"] : [])],
      },
    ],
    signal,
    deadlineSeconds: 60,
    maxOutputBytes: 1 << 28,
  });
  return path;
}

/** A bed with a chord. */
export async function makeBed(folder: string, name: string, seconds = 2): Promise<string> {
  const path = join(folder, name);
  await runFfmpeg({
    inputs: [{ lavfi: `aevalsrc=0.2*sin(2*PI*220*t)+0.1*sin(2*PI*330*t):d=${seconds}:s=48000` }],
    outputs: [{ file: path, options: ["-c:a", "pcm_s16le"] }],
    signal,
    deadlineSeconds: 60,
    maxOutputBytes: 1 << 28,
  });
  return path;
}

/** Uploads a file through the API; returns its SHA-256. */
export async function put({ sources }: Pick<Pipeline, "sources">, path: string, tenant = ""): Promise<string> {
  const bytes = await readFile(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await sources.putSource(
    (async function* () {
      yield { part: { case: "description" as const, value: { tenant, sha256, sizeBytes: BigInt(bytes.length) } } };
      for await (const chunk of createReadStream(path))
        yield { part: { case: "chunk" as const, value: chunk as Buffer } };
    })(),
  );
  return sha256;
}
