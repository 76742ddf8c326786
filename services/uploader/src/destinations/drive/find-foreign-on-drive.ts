import { posix } from "node:path";
import type { ForeignName, Place } from "../destination.js";
import { plainPath } from "../plain-name.js";
import { type DriveFile, type DriveFiles, isBinary } from "./drive-files.js";
import type { DriveFolders } from "./drive-folders.js";
import { entriesOf } from "./drive-query.js";
import { classify } from "./find-drive-file.js";

interface Deps {
  readonly files: DriveFiles;
  readonly folders: DriveFolders;
}

/** Which of these names belong to foreign files; undefined if the folder has no files. Lists each folder once. */
export async function findForeignOnDrive(
  { folder, owner, batchId }: Pick<Place, "folder" | "owner" | "batchId">,
  names: readonly string[],
  deps: Deps,
): Promise<ForeignName[] | undefined> {
  if ((await deps.folders.find(folder)) === undefined) return undefined;
  const bySubfolder = new Map<string, Set<string>>();
  for (const { subfolders, fileName } of names.map(plainPath)) {
    const below = subfolders.join("/");
    bySubfolder.set(below, (bySubfolder.get(below) ?? new Set()).add(fileName));
  }
  const byPath = new Map<string, DriveFile[]>();
  let hasFiles = false;
  for (const [below, fileNames] of bySubfolder) {
    const id = await deps.folders.find(posix.join(folder, below));
    if (id === undefined) continue;
    for await (const file of deps.files.list(entriesOf(id), deps.folders.driveId)) {
      if (!isBinary(file)) continue;
      hasFiles = true;
      if (!fileNames.has(file.name)) continue;
      const path = posix.join(below, file.name);
      byPath.set(path, [...(byPath.get(path) ?? []), file]);
    }
  }
  if (!hasFiles) return undefined;
  return names.flatMap((name): ForeignName[] => {
    const found = classify(byPath.get(name) ?? [], owner);
    if (found.kind === "nothing" || found.kind === "own") return [];
    if (found.kind === "changed") return found.receipt.batchId === batchId ? [] : [{ name, batch: "" }];
    return [{ name, batch: found.receipt?.name ?? "" }];
  });
}
