import { access, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { musics } from "./music.js";
import { pictures } from "./pictures.js";

interface Making {
  name: string;
  graph: string;
  options: readonly string[];
}

/** Good enough to be encoded again, and small. */
const VIDEO = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-pix_fmt", "yuv420p"];
const AT_ONCE = 2;
const MAX_BYTES = 100 * 1024 ** 2;
const DEADLINE_SECONDS = 120;

/** Makes the demonstration's films, still and music in a folder; what is there already stays. */
export async function makeMedia(folder: string, signal: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true });
  const makings = [
    ...pictures.map(({ name, graph, seconds }) => ({
      name,
      graph,
      options: seconds > 0 ? ["-t", String(seconds), ...VIDEO] : ["-frames:v", "1"],
    })),
    ...musics.map(({ name, graph, seconds }) => ({ name, graph, options: ["-t", String(seconds)] })),
  ].values();
  const work = async () => {
    for (const making of makings) await make(making, folder, signal);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function make({ name, graph, options }: Making, folder: string, signal: AbortSignal): Promise<void> {
  const path = join(folder, name);
  if (await exists(path)) return;
  // Whole or not at all: one that was interrupted is made again.
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
