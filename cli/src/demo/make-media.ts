import { access, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { musics } from "./music.js";
import { pictures } from "./pictures.js";

interface MediaFile {
  name: string;
  graph: string;
  options: readonly string[];
}

/** High enough quality to be encoded again, and still small. */
const VIDEO = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-pix_fmt", "yuv420p"];
const CONCURRENCY = 2;
const MAX_BYTES = 100 * 1024 ** 2;
const DEADLINE_SECONDS = 120;

/** Generates the demo's films, still and music in a folder; existing files are kept. */
export async function makeMedia(folder: string, signal: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = [
    ...pictures.map(({ name, graph, seconds }) => ({
      name,
      graph,
      options: seconds > 0 ? ["-t", String(seconds), ...VIDEO] : ["-frames:v", "1"],
    })),
    ...musics.map(({ name, graph, seconds }) => ({ name, graph, options: ["-t", String(seconds)] })),
  ].values();
  const work = async () => {
    for (const file of files) await make(file, folder, signal);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

async function make({ name, graph, options }: MediaFile, folder: string, signal: AbortSignal): Promise<void> {
  const path = join(folder, name);
  if (await exists(path)) return;
  // Written under another name first, so that an interrupted run leaves no partial file.
  const unfinished = join(folder, `unfinished-${name}`);
  await runFfmpeg({
    inputs: [{ lavfi: graph }],
    outputs: [{ file: unfinished, options }],
    maxOutputBytes: MAX_BYTES,
    signal,
    deadlineSeconds: DEADLINE_SECONDS,
  });
  await rename(unfinished, path);
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
