// The files of a release.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { sectionOf } from "./changelog.mjs";
import { stageCommand } from "./stage-command.mjs";

const run = promisify(execFile);
const MAX_BYTES = 1 << 26;

/**
 * Packs the command. Everything is built, and the working directory is the project's. Writes
 *
 *   polyreel-<version>.tgz       the command, for `npm install --global`
 *   polyreel-<version>.cdx.json  its bill of materials (CycloneDX): all packages inside it and installed with it
 *   CHANGES.md                   what is new
 *   SHA256SUMS
 *
 * @param {string} out @returns {Promise<{tarball: string, sbom: any, lock: any}>} `lock`: of what is installed.
 */
export async function packCommand(out) {
  const temporary = await mkdtemp(join(tmpdir(), "polyreel-release-"));
  try {
    // npm names the document's subject after the folder.
    const stage = join(temporary, "polyreel");
    await mkdir(stage);
    await mkdir(out, { recursive: true });
    await stageCommand(stage);
    const npm = async (...args) => (await run("npm", args, { cwd: stage, maxBuffer: MAX_BYTES })).stdout;
    const packed = await npm("pack", "--json", "--ignore-scripts", "--pack-destination", resolve(out));
    const tarball = join(out, JSON.parse(packed)[0].filename);
    const sbom = JSON.parse(
      await npm("sbom", "--package-lock-only", "--sbom-format=cyclonedx", "--sbom-type=application"),
    );
    const { version } = sbom.metadata.component;
    const bom = join(out, `polyreel-${version}.cdx.json`);
    await writeFile(bom, `${JSON.stringify(sbom, null, 2)}\n`);
    const notes = join(out, "CHANGES.md");
    await writeFile(notes, `${sectionOf(await readFile("CHANGELOG.md", "utf8"), version) ?? ""}\n`);
    const sums = await Promise.all(
      [tarball, bom, notes].map(async (path) => `${await sha256(path)}  ${basename(path)}\n`),
    );
    await writeFile(join(out, "SHA256SUMS"), sums.join(""));
    return { tarball, sbom, lock: JSON.parse(await readFile(join(stage, "package-lock.json"), "utf8")) };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

const sha256 = async (path) =>
  createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

/**
 * Installed packages that a bill of materials lacks. Pure.
 *
 * @param {{components: {name: string, version: string}[]}} sbom @param {{packages: Record<string, {version: string}>}} lock
 */
export function sbomProblems({ components }, { packages }) {
  const listed = new Set(components.map(({ name, version }) => `${name}@${version}`));
  const { "": _command, ...installed } = packages;
  return Object.entries(installed).flatMap(([place, { version }]) => {
    const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
    return listed.has(`${name}@${version}`) ? [] : [`The bill of materials lacks ${name} ${version}.`];
  });
}
