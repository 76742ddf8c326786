// What holds for every release.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readAudit } from "./audit.mjs";
import { changelogProblems } from "./changelog.mjs";
import { licenceProblems } from "./licences.mjs";
import { readManifests } from "./manifests.mjs";
import { packCommand, sbomProblems } from "./pack.mjs";
import { versionProblems } from "./versions.mjs";

const run = promisify(execFile);

/** Prints the result of each check; returns the exit code. Everything is built. @param {string} [tag] Of the release, if it has one. */
export async function checkRelease(tag) {
  const { manifests, lock } = await readManifests();
  const out = await mkdtemp(join(tmpdir(), "polyreel-check-"));
  const packed = await packCommand(out).finally(() => rm(out, { recursive: true, force: true }));
  const audit = await auditDependencies();
  const checks = {
    versions: versionProblems(manifests, lock, tag),
    changelog: changelogProblems(await readFile("CHANGELOG.md", "utf8"), manifests["package.json"].version),
    contract: await contractProblems(),
    licences: licenceProblems(packed.sbom.components),
    "bill of materials": sbomProblems(packed.sbom, packed.lock),
    audit: audit.problems,
  };
  const ok = { audit: audit.unavailable ? `NOT CHECKED: ${audit.unavailable}` : "ok" };
  for (const [name, problems] of Object.entries(checks)) {
    console.log(`${name.padEnd(20)}${problems.length > 0 ? "FAILED" : (ok[name] ?? "ok")}`);
    for (const problem of problems) console.log(`  ${problem}`);
  }
  return Object.values(checks).every((problems) => problems.length === 0) ? 0 : 1;
}

/** npm ends with exit code 1 both for vulnerabilities and without an answer. */
async function auditDependencies() {
  const { stdout } = await run("npm", ["audit", "--omit=dev", "--json"]).catch((error) => error);
  return readAudit(stdout);
}

const contractProblems = () =>
  run("npm", ["run", "--silent", "proto:breaking"]).then(
    () => [],
    ({ stdout, stderr }) => `${stdout}${stderr}`.trim().split("\n"),
  );
