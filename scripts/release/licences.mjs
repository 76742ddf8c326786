// Which licences dependencies of the command may have.

/** By SPDX identifiers: permissive ones, and those that bind only changes of the package itself. */
const ALLOWED = new Set([
  ...["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "ISC", "MIT", "MIT-0", "Unlicense"],
  "MPL-2.0", // mediabunny, unchanged; the notices name its source.
  "LGPL-3.0-or-later", // libvips, a library of its own that the registry delivers and sharp loads.
]);

/** Packages that state their licence in no field that npm reads. */
const STATED_ELSEWHERE = { "async@0.2.10": "MIT" };

/**
 * Dependencies whose licence is unknown or not allowed. Pure.
 *
 * @param {{name: string, version: string, licenses?: {expression?: string, license?: {id?: string, name?: string}}[]}[]} components
 *   Of a CycloneDX document.
 */
export function licenceProblems(components) {
  return components.flatMap(({ name, version, licenses = [] }) => {
    const stated = licenses.map(({ expression, license }) => expression ?? license?.id ?? license?.name).join(" AND ");
    const licence = stated || STATED_ELSEWHERE[`${name}@${version}`];
    if (!licence) return [`${name} ${version} states no licence.`];
    return isAllowed(licence) ? [] : [`${name} ${version} has the licence ${licence}, which is not allowed.`];
  });
}

/** All of "A AND B", and one of "A OR B". Other expressions are not read, and not allowed. */
const isAllowed = (expression) =>
  expression
    .replace(/^\((.*)\)$/, "$1")
    .split(" OR ")
    .some((alternative) => alternative.split(" AND ").every((id) => ALLOWED.has(id)));
