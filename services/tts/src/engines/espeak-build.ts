import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PolyreelError } from "@polyreel/platform";

/** Hexadecimal digits of the data's digest in a build. */
const DIGITS = 16;

/**
 * The build, such as "espeak-ng 1.51/data 0123456789abcdef": the program's version and a digest of its data files,
 * because phonemes and dictionaries are packaged and changed independently of the program.
 *
 * @param printed output of `espeak-ng --version`
 */
export async function espeakBuild(printed: string, signal: AbortSignal): Promise<string> {
  const [, version, folder] = /text-to-speech:\s*(\S+)\s+Data at:\s*(.+?)\s*$/im.exec(printed) ?? [];
  if (!version || !folder) throw new PolyreelError("internal", "It printed no version.");
  return `espeak-ng ${version}/data ${(await folderDigest(folder, signal)).slice(0, DIGITS)}`;
}

/** SHA-256 of the names and bytes of all files below a folder, in order of name. */
async function folderDigest(folder: string, signal: AbortSignal): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const digest = createHash("sha256");
  for (const path of paths.sort()) {
    const bytes = await readFile(path, { signal });
    digest.update(`${path.slice(folder.length)}\n${bytes.length}\n`).update(bytes);
  }
  return digest.digest("hex");
}
