import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const COMPILED = /\.(d\.ts|js)(\.map)?$/;

/**
 * Removes what was compiled from sources that are gone: tsc leaves it, and imports of a renamed file would go on working
 * here and nowhere else. Gives the paths removed.
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
