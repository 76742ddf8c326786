import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder where the set-up for tests unpacks it (scripts/setup/python-wheels.mjs). */
const FOLDER = fileURLToPath(new URL("../../../.programs", import.meta.url));

/** The newest ffmpeg, and the first other one in the PATH; undefined if there are no two. */
export const TWO_FFMPEGS: { readonly newest: string; readonly other: string } | undefined = findTwo();

function findTwo() {
  const newest = findProgram();
  if (!newest) return undefined;
  const buildOf = (path: string) => execFileSync(path, ["-version"], { encoding: "utf8" });
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = folders.map((folder) => join(folder, "ffmpeg")).filter((path) => existsSync(path));
  const other = found.find((path) => buildOf(path) !== buildOf(newest));
  return other === undefined ? undefined : { newest, other };
}

function findProgram(): string | undefined {
  if (!existsSync(FOLDER)) return undefined;
  const paths = readdirSync(FOLDER, { recursive: true, encoding: "utf8" });
  const path = paths.find((file) => /^imageio-ffmpeg-.*\/binaries\/ffmpeg-[^/]*$/.test(file));
  return path && join(FOLDER, path);
}
