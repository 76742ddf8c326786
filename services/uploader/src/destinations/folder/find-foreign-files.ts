import { stat } from "node:fs/promises";
import { join } from "node:path";
import { undefinedIfAbsent } from "@polyreel/platform/files";
import type { ForeignName } from "../destination.js";
import { plainPath } from "../plain-name.js";
import { findForeign, type WantedFile } from "./put-file.js";
import { Receipts } from "./receipts.js";

/** Which of these names below a folder belong to foreign files; read-only. `wanted.folder`: a real path. */
export async function findForeignFiles(
  wanted: Omit<WantedFile, "fileName">,
  names: readonly string[],
): Promise<ForeignName[]> {
  const subfolders = new Map<string, Promise<Subfolder>>();
  const searches = names.map(async (name): Promise<ForeignName[]> => {
    const { subfolders: segments, fileName } = plainPath(name);
    const below = segments.join("/");
    const found = subfolders.get(below) ?? findSubfolder(wanted.folder, segments);
    subfolders.set(below, found);
    const folder = await found;
    if (folder === "missing") return [];
    if (folder === "blocked") return [{ name, batch: "" }];
    const foreign = await findForeign({ ...wanted, folder, fileName }, new Receipts(folder));
    return foreign ? [{ name, ...foreign }] : [];
  });
  return (await Promise.all(searches)).flat();
}

/** Its path, or why there is none: it is missing, or a file blocks it or one of its parents. */
type Subfolder = string | "missing" | "blocked";

async function findSubfolder(folder: string, segments: readonly string[]): Promise<Subfolder> {
  let path = folder;
  for (const segment of segments) {
    path = join(path, segment);
    const found = await stat(path).catch(undefinedIfAbsent);
    if (!found) return "missing";
    if (!found.isDirectory()) return "blocked";
  }
  return path;
}
