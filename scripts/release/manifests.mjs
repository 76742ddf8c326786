import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The package.json of the workspace and of each of its packages, by their paths, and package-lock.json. */
export async function readManifests() {
  const lock = await readJson("package-lock.json");
  const paths = Object.keys(lock.packages).filter((place) => !place.includes("node_modules"));
  const read = async (place) => {
    const path = join(place, "package.json");
    return [path, await readJson(path)];
  };
  return { manifests: Object.fromEntries(await Promise.all(paths.map(read))), lock };
}

/** Writes them back. @param {Awaited<ReturnType<typeof readManifests>>} read */
export async function writeManifests({ manifests, lock }) {
  for (const [path, manifest] of Object.entries(manifests)) await writeJson(path, manifest);
  await writeJson("package-lock.json", lock);
}

/** @param {string} path */
export const readJson = async (path) => JSON.parse(await readFile(path, "utf8"));

/** As npm writes it. @param {string} path @param {unknown} value */
export const writeJson = (path, value) => writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
