/**
 * The lock of the command: its dependencies and theirs, in the versions that the workspace was tested with. Pure.
 *
 * Packages lie at the top where possible. One that needs another version than that has it in its own `node_modules`.
 *
 * @param {Record<string, any>} workspace `packages` of package-lock.json, by their places.
 * @param {{name: string, version: string, bundleDependencies: string[]}} manifest
 * @param {Record<string, string>} places Of the command's dependencies in the workspace, by their names.
 * @param {Record<string, string>} overrides Versions that the workspace uses instead of required ones: npm reads them in nobody else's manifest.
 */
export function commandLock(workspace, manifest, places, overrides) {
  const dependencies = [...manifest.bundleDependencies, ...Object.keys(places)].map((name) => [name, "*"]);
  const packages = { "": { ...manifest, dependencies: Object.fromEntries(dependencies) } };
  for (const name of manifest.bundleDependencies) {
    const { version, license } = workspace[workspace[`node_modules/${name}`].resolved];
    packages[`node_modules/${name}`] = { version, license, inBundle: true };
  }
  /** Places in the workspace of what was placed, and the packages whose dependencies follow. */
  const origins = new Map();
  const queue = Object.values(places).map((origin) => ({ from: "", origin }));
  for (const { from, origin } of queue) {
    const name = nameAt(origin);
    const found = origins.get(lookUp(origins, from, name));
    if (found === origin) continue;
    const path = `${found && from ? `${from}/` : ""}node_modules/${name}`;
    if (origins.has(path)) throw new Error(`The command needs ${name} of both ${found} and ${origin}.`);
    origins.set(path, origin);
    packages[path] = lockEntry(workspace[origin], overrides);
    queue.push(...dependenciesAt(workspace, origin).map((dependency) => ({ from: path, origin: dependency })));
  }
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { name: manifest.name, version: manifest.version, lockfileVersion: 3, requires: true, packages: sorted };
}

/**
 * The place that Node finds a package at, from code in a folder; undefined if there is none.
 *
 * @param {{has(place: string): boolean}} places @param {string} from @param {string} name
 */
export function lookUp(places, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) {
    const place = `${folder && `${folder}/`}node_modules/${name}`;
    if (places.has(place)) return place;
    if (folder === "") return undefined;
  }
}

/** Places of a package's dependencies. Throws if a required one is missing. */
function dependenciesAt(workspace, place) {
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta, optionalDependencies } = workspace[place];
  const has = { has: (one) => one in workspace };
  return Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }).flatMap((name) => {
    const found = lookUp(has, place, name);
    if (found) return peerDependenciesMeta?.[name]?.optional ? [] : found;
    if (optionalDependencies?.[name] || peerDependenciesMeta?.[name]?.optional) return [];
    throw new Error(`package-lock.json has no ${name}, which ${place} needs.`);
  });
}

const nameAt = (place) => place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);

/** Without flags that hold for the workspace only. */
function lockEntry({ dev, devOptional, peer, extraneous, ...entry }, overrides) {
  const overridden = Object.entries(overrides).filter(([name]) => entry.dependencies?.[name]);
  if (overridden.length === 0) return entry;
  return { ...entry, dependencies: { ...entry.dependencies, ...Object.fromEntries(overridden) } };
}
