import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../files/disk-error.js";
import { assertKnownFormat, FORMAT } from "../format.js";

/** Hidden, hence not a key. */
const FILE = ".format";

/** Writes the format into a store's folder without one, and throws PolyreelError `precondition` for a later release's. */
export async function checkFolderFormat(folder: string): Promise<void> {
  const path = join(folder, FILE);
  const text = await readFile(path, "utf8").catch(ignore("ENOENT"));
  if (text === undefined) await writeFile(path, `${FORMAT}\n`, { flag: "wx" }).catch(ignore("EEXIST")); // Another process was faster.
  const stated = Number.parseInt(text ?? "", 10);
  if (stated)
    assertKnownFormat(stated, `The store in ${folder}`, "give another folder, where sources and parts are made again");
}

const ignore =
  (code: string) =>
  (error: unknown): undefined => {
    if (systemCode(error) !== code) throw error;
  };
