import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { ForeignName } from "./destination.js";
import { isAbsent } from "./disk.js";
import { plainPath } from "./plain-name.js";
import { findForeign, type WantedFile } from "./put-file.js";
import { Receipts } from "./receipts.js";

/** Of these names below a folder, by its real path, those that somebody else's files have. Nothing is changed. */
export async function findForeignFiles(
  wanted: Omit<WantedFile, "fileName">,
  names: readonly string[],
): Promise<ForeignName[]> {
  const subfolders = new Map<string, Promise<Subfolder>>();
  const looks = names.map(async (name): Promise<ForeignName[]> => {
    const { subfolders: segments, fileName } = plainPath(name);
    const below = segments.join("/");
    const found = subfolders.get(below) ?? look(wanted.folder, segments);
    subfolders.set(below, found);
    const folder = await found;
    if (folder === "missing") return [];
    if (folder === "blocked") return [{ name, batch: "" }];
    const foreign = await findForeign({ ...wanted, folder, fileName }, new Receipts(folder));
    return foreign ? [{ name, ...foreign }] : [];
  });
  return (await Promise.all(looks)).flat();
}

/** Its path; or it is missing, or a file has its name, or that of a folder on the way. */
type Subfolder = string | "missing" | "blocked";

async function look(folder: string, segments: readonly string[]): Promise<Subfolder> {
  let path = folder;
  for (const segment of segments) {
    path = join(path, segment);
    const found = await stat(path).catch((error: unknown) => {
      if (isAbsent(error)) return undefined;
      throw error;
    });
    if (!found) return "missing";
    if (!found.isDirectory()) return "blocked";
  }
  return path;
}
