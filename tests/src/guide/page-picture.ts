import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { difference, makeSheet, type Tile } from "./sheet.js";

const GUIDE = fileURLToPath(new URL("../../../docs/guide/", import.meta.url));

/** `UPDATE_PICTURES=1 npx vitest run tests/src/guide.test.ts -t <page>` writes pictures instead of comparing them. */
const UPDATE = process.env.UPDATE_PICTURES === "1";
const COMMAND = "UPDATE_PICTURES=1 npx vitest run tests/src/guide.test.ts -t";

/** Of 255: other fonts and encoders change less, another choice or order changes more. */
const TOLERANCE = 6;

/** What a page's picture shows; by default two moments of three videos. */
export interface PictureChoice {
  /** Shares of each video's length. */
  moments?: readonly number[];
  /** Files instead of videos spread evenly over the batch: paths in its folder, "film.mp4@0.5" for a moment. */
  tiles?: readonly string[];
}

const TILES = 6;

/** The tiles of a page's picture, of the files that its batch made. */
export function tilesOf(files: readonly string[], { moments = [0.25, 0.7], tiles }: PictureChoice = {}): Tile[] {
  if (tiles) {
    return tiles.map((tile) => {
      const [file = "", at = "0.5"] = tile.split("@");
      return { file, at: Number(at) };
    });
  }
  const videos = files.filter((file) => file.endsWith(".mp4")).sort();
  const count = Math.min(videos.length, Math.floor(TILES / moments.length));
  const step = (videos.length - 1) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, i) => videos[Math.round(i * step)] ?? "").flatMap((file) =>
    moments.map((at) => ({ file, at })),
  );
}

/**
 * Makes the picture of a page from the files in its batch's folder, and compares it with the committed one. Returns what
 * is wrong, or "".
 */
export async function pictureProblem(page: string, folder: string, tiles: readonly Tile[]): Promise<string> {
  const path = join(GUIDE, "pictures", `${page}.jpg`);
  const sheet = await makeSheet(tiles.map(({ file, at }) => ({ file: join(folder, file), at })));
  if (UPDATE) {
    await writeFile(path, sheet);
    await showPicture(page);
  }
  const committed = await readFile(path).catch(() => undefined);
  if (!committed) return `${path} is missing: make it with ${COMMAND} ${page}`;
  const differs = await difference(sheet, committed);
  return differs <= TOLERANCE ? "" : `${path} differs by ${differs}: look at what ${COMMAND} ${page} makes`;
}

/** Shows the picture below the title of a page that does not show it yet. */
async function showPicture(page: string): Promise<void> {
  const file = join(GUIDE, `${page}.md`);
  const text = await readFile(file, "utf8");
  if (text.includes(`(pictures/${page}.jpg)`)) return;
  await writeFile(file, text.replace(/^(# .*\n)/, `$1\n![Some of what this page makes](pictures/${page}.jpg)\n`));
}
