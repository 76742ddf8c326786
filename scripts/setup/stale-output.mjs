import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const COMPILED = /\.(d\.ts|js)(\.map)?$/;

/**
 * Removes compiled files without a source: tsc leaves them, and imports of a renamed file would continue to work on this
 * machine only. Returns the removed paths.
 *
 * @param {string[]} workspaces Folders with `src` and `dist`.
 */
export function removeStaleOutput(workspaces) {
  return workspaces.flatMap((workspace) => {
    const dist = join(workspace, "dist");
    if (!existsSync(dist)) return [];
    const stale = readdirSync(dist, { recursive: true })
      .filter((file) => COMPILED.test(file) && !existsSync(join(workspace, "src", file.replace(COMPILED, ".ts"))))
      .map((file) => join(dist, file));
    for (const path of stale) rmSync(path);
    return stale;
  });
}
