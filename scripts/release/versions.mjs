// One version for the workspace and all packages. `package.json` of the workspace states it.

/** @typedef {Record<string, any>} Manifest */

/**
 * What is not of the workspace's version. Pure.
 *
 * @param {Record<string, Manifest>} manifests By their paths; the workspace's own is `package.json`.
 * @param {{version: string, packages: Record<string, Manifest>}} lock
 * @param {string} [tag] Of the release, if it has one.
 */
export function versionProblems(manifests, lock, tag) {
  const { version } = manifests["package.json"];
  const problems = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version) ? [] : [`${version} is not a semantic version.`];
  const expect = (found, where) => found === version || problems.push(`${where} has ${found} instead of ${version}.`);
  expect(lock.version, "package-lock.json");
  if (tag !== undefined && tag !== `v${version}`) problems.push(`The tag is ${tag} instead of v${version}.`);
  const own = new Set(Object.values(manifests).map(({ name }) => name));
  for (const [path, manifest] of Object.entries(manifests)) {
    const locked = lock.packages[path.replace(/\/?package\.json$/, "")];
    expect(manifest.version, path);
    expect(locked?.version, `package-lock.json, for ${path},`);
    for (const [where, one] of [
      [path, manifest],
      [`package-lock.json, for ${path},`, locked ?? {}],
    ]) {
      for (const [name, wanted] of ownDependencies(one, own)) expect(wanted, `${where} for ${name}`);
    }
  }
  return problems;
}

/** Sets the version everywhere, in place. @param {Record<string, Manifest>} manifests @param {Manifest} lock @param {string} version */
export function setVersion(manifests, lock, version) {
  const own = new Set(Object.values(manifests).map(({ name }) => name));
  lock.version = version;
  for (const [path, manifest] of Object.entries(manifests)) {
    for (const one of [manifest, lock.packages[path.replace(/\/?package\.json$/, "")]]) {
      one.version = version;
      for (const [name, , kind] of ownDependencies(one, own)) one[kind][name] = version;
    }
  }
}

const ownDependencies = (manifest, own) =>
  ["dependencies", "devDependencies"].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}).flatMap(([name, wanted]) => (own.has(name) ? [[name, wanted, kind]] : [])),
  );
