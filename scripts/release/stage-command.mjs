// The command as one package: our own packages inside it, everything else from the registry in the versions of the lock.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { commandLock, lookUp } from "./command-lock.mjs";
import { readJson, writeJson } from "./manifests.mjs";

const run = promisify(execFile);

/**
 * Writes the package's folder, for `npm pack` and `npm sbom`. Everything is built, and the working directory is the project's.
 *
 * @param {string} folder An empty one.
 */
export async function stageCommand(folder) {
  const { packages } = await readJson("package-lock.json");
  const own = ownPackages(packages, "cli");
  const folders = own.map((name) => packages[`node_modules/${name}`].resolved);
  const places = dependencyPlaces(packages, ["cli", ...folders]);
  await unpackOwn(folders, folder);

  const { name, version, type, license, bin, engines } = await readJson("cli/package.json");
  const { overrides } = await readJson("package.json");
  const manifest = { name, version, private: true, type, license, bin, engines, bundleDependencies: own };
  const lock = commandLock(packages, manifest, places, overrides);
  await writeJson(join(folder, "package.json"), { ...manifest, dependencies: exactDependencies(lock) });
  await writeJson(join(folder, "package-lock.json"), lock);
  for (const part of ["bin", "bundle", "README.md"]) {
    await cp(join("cli", part), join(folder, part), { recursive: true });
  }
  for (const part of ["LICENSE", "CHANGELOG.md"]) await cp(part, join(folder, part));
}

/**
 * All packages at the top, in their versions: npm reads no lock in a package, so that users would install others than were tested.
 * Those for other systems are left to the packages that choose among them.
 */
const exactDependencies = ({ packages }) =>
  Object.fromEntries(
    Object.entries(packages).flatMap(([place, { version, optional }]) => {
      const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(place)?.[1];
      return name && !optional ? [[name, version]] : [];
    }),
  );

/** Names of the workspaces that one needs, directly or not. */
function ownPackages(packages, workspace) {
  const names = new Set();
  const visit = (place) => {
    for (const name of Object.keys(packages[place].dependencies ?? {})) {
      const { link, resolved } = packages[`node_modules/${name}`] ?? {};
      if (!link || names.has(name)) continue;
      names.add(name);
      visit(resolved);
    }
  };
  visit(workspace);
  return [...names].sort();
}

/**
 * Places of other people's packages that the workspaces import, by name. All are dependencies of the command itself: npm takes
 * dependencies of packages inside it for packages inside it too, and does not install them.
 */
function dependencyPlaces(packages, folders) {
  const has = { has: (place) => place in packages };
  const places = new Map();
  for (const folder of folders) {
    for (const name of Object.keys(packages[folder].dependencies ?? {})) {
      const place = lookUp(has, folder, name);
      if (packages[place].link) continue;
      const known = places.get(name) ?? place;
      if (known !== place) throw new Error(`${folder} needs ${place}, others ${known}: use one version of ${name}.`);
      places.set(name, place);
    }
  }
  return Object.fromEntries([...places].sort());
}

/** Puts what `npm pack` takes from each workspace into `node_modules` of the folder. */
async function unpackOwn(workspaces, folder) {
  const tarballs = await mkdtemp(join(tmpdir(), "polyreel-stage-"));
  try {
    const flags = workspaces.flatMap((workspace) => ["--workspace", workspace]);
    const { stdout } = await run("npm", [
      ...["pack", "--json", "--ignore-scripts", "--pack-destination", tarballs],
      ...flags,
    ]);
    for (const { name, filename } of JSON.parse(stdout)) {
      const place = join(folder, "node_modules", name);
      await mkdir(place, { recursive: true });
      await run("tar", [
        "-xzf",
        join(tarballs, filename),
        "--strip-components=1",
        "--exclude=*.d.ts",
        "-C",
        resolve(place),
      ]);
      const { dependencies, devDependencies, ...manifest } = await readJson(join(place, "package.json"));
      await writeJson(join(place, "package.json"), manifest);
    }
  } finally {
    await rm(tarballs, { recursive: true, force: true });
  }
}
