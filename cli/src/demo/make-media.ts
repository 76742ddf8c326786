import { access, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { bodies, calls, hooks, makeFilm, songs, writeSong } from "./media/index.js";

/** The demo's canvas, in pixels. */
const SIZE = { width: 540, height: 960 };
const CONCURRENCY = 2;

type Maker = (path: string, signal: AbortSignal) => Promise<void>;

const { shop, store } = calls;

/** The demo's films and songs, by name. */
export const media: Readonly<Record<string, Maker>> = Object.fromEntries([
  ...Object.entries({ ...hooks, ...bodies, shop, store }).map(([name, scene]): [string, Maker] => [
    `${name}.mp4`,
    (path, signal) => makeFilm(scene, path, SIZE, signal),
  ]),
  ...Object.entries(songs).map(([name, play]): [string, Maker] => [
    `${name}.wav`,
    (path, signal) => writeSong(play(), path, signal),
  ]),
]);

/** Draws the demo's films and plays its songs into a folder; existing files are kept. */
export async function makeMedia(folder: string, signal: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true });
  const makers = Object.entries(media).values();
  const work = async () => {
    for (const [name, make] of makers) {
      const path = join(folder, name);
      if (await exists(path)) continue;
      // Written under another name first, so that an interrupted run leaves no partial file.
      const unfinished = join(folder, `unfinished-${name}`);
      await make(unfinished, signal);
      await rename(unfinished, path);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
