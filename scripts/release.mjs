// `npm run release:check`, `release:pack`, `release:version`: see docs/releasing.md.
import "./setup/node-version.mjs";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { release } from "./release/changelog.mjs";
import { checkRelease } from "./release/check.mjs";
import { readManifests, writeManifests } from "./release/manifests.mjs";
import { packCommand } from "./release/pack.mjs";
import { setVersion, versionProblems } from "./release/versions.mjs";
import { SetupError } from "./setup/run.mjs";
import { ensureBuilt, main } from "./setup.mjs";

const USAGE = `Usage: npm run release:check [-- TAG]        whose version is checked too
       npm run release:pack [-- FOLDER]         into release/ without FOLDER
       npm run release:version -- VERSION       sets the version everywhere, and dates the changelog`;

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const [command, argument] = process.argv.slice(2);
await main(async () => {
  if (command === "version" && argument) return nameVersion(argument);
  if (command !== "check" && command !== "pack") throw new SetupError(USAGE);
  await ensureBuilt();
  if (command === "check") return checkRelease(argument);
  const { tarball } = await packCommand(argument ?? "release");
  console.log(`Install it with: npm install --global ./${tarball}`);
});

async function nameVersion(version) {
  const read = await readManifests();
  setVersion(read.manifests, read.lock, version);
  const problems = versionProblems(read.manifests, read.lock);
  if (problems.length > 0) throw new SetupError(problems.join("\n"));
  const today = new Date().toISOString().slice(0, 10);
  const changelog = release(await readFile("CHANGELOG.md", "utf8"), version, today);
  await writeManifests(read);
  await writeFile("CHANGELOG.md", changelog);
}
