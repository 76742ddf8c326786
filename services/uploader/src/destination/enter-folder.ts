import { mkdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { systemCode } from "@polyreel/platform/store/disk-error.js";
import { isPlainName } from "./plain-name.js";

/**
 * The real path of a folder below `root`, made where it is missing, one level after the other so that nothing is made
 * outside either. Symbolic links are followed within the root. Throws PolyreelError `invalid` for a folder that leaves it.
 */
export async function enterFolder(root: string, folder: string): Promise<string> {
  const segments = folder === "." ? [] : folder.split("/");
  if (!segments.every(isPlainName)) {
    throw new PolyreelError("invalid", {
      reason: `${JSON.stringify(folder.slice(0, 80))} is not a folder below the output folder.`,
      remedy: 'Name a folder like "spring/sale", or "." for the output folder itself.',
    });
  }
  const top = await realpathMade(root, { recursive: true });
  let path = top;
  for (const segment of segments) {
    path = await realpathMade(join(path, segment));
    if (path !== top && !path.startsWith(top.endsWith(sep) ? top : top + sep)) {
      throw new PolyreelError("invalid", {
        reason: `The folder ${JSON.stringify(folder)} lies outside the output folder.`,
        remedy: "Remove the symbolic link that leads there, or choose another folder.",
      });
    }
  }
  return path;
}

/** The real path of a folder, which is there but for the first time: then it is made. */
async function realpathMade(path: string, options: { recursive?: boolean } = {}): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
  await mkdir(path, options).catch((error: unknown) => {
    if (systemCode(error) !== "EEXIST") throw error; // somebody was faster
  });
  return realpath(path);
}
