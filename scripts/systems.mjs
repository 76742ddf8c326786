// `npm run test:systems`: the demo and all tests on other systems, from scratch. Slow: for releases, and after changes to the
// set-up, to options of ffmpeg or to how NATS is used.
import "./setup/node-version.mjs";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemsRequirements } from "./setup/requirements.mjs";
import { SetupError } from "./setup/run.mjs";
import { rights } from "./setup/system.mjs";
import { ensureBuilt, ensureRequirements, main } from "./setup.mjs";
import { makeDebian, runInDebian } from "./systems/debian.mjs";
import { makeNewest } from "./systems/newest.mjs";
import { runWith } from "./systems/programs.mjs";

const USAGE = `Usage: npm run test:systems -- [SYSTEM ...] [--keep FOLDER]

Runs the demo and all tests of the last commit on other systems, each made from nothing:

  debian12  ffmpeg 5.1, nats-server 2.9, this machine's Node
  debian13  ffmpeg 7.1, nats-server 2.10, its own Node (20.19)
  newest    this machine with Node 26, nats-server 2.15 and ffmpeg 9

All of them where none is named. A Debian needs root, mmdebstrap and unshare; the newest programs need npm, Go and pip.
A system that can't be made here is reported as that, and the exit code is 1.

  --keep FOLDER  makes the systems there and leaves them, to look into`;

const DEBIANS = {
  debian12: { suite: "bookworm", bringNode: true },
  debian13: { suite: "trixie", bringNode: false },
};
const COMMANDS = [
  ["npm", "run", "demo"],
  ["npm", "test"],
  ["npm", "run", "test:slow"],
];

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { keep: { type: "string" }, help: { type: "boolean" } },
  });
  const known = [...Object.keys(DEBIANS), "newest"];
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown) throw new SetupError(`There is no system "${unknown}"; there are ${known.join(", ")}.`);
  if (values.help) return console.log(USAGE);

  const folder = values.keep ?? mkdtempSync(join(tmpdir(), "polyreel-systems-"));
  const results = [];
  try {
    for (const name of positionals.length > 0 ? positionals : known) {
      console.log(`\n== ${name}`);
      results.push([name, await testSystem(name, join(folder, name))]);
    }
  } finally {
    if (!values.keep) rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\n${results.map(([name, result]) => `${name.padEnd(10)}${result}`).join("\n")}`);
  return results.every(([, result]) => result === "passed") ? 0 : 1;
});

/** Makes a system and runs the commands on it; returns the result. */
async function testSystem(name, folder) {
  const run = await open(name, folder).catch((error) => {
    if (!(error instanceof SetupError)) throw error;
    return error;
  });
  if (run instanceof SetupError) return `not run: ${run.message}`;
  for (const command of COMMANDS) {
    const code = await run(command);
    if (code !== 0) return `failed: ${command.join(" ")} ended with exit code ${code}`;
  }
  return "passed";
}

/** Makes a system; returns a function that runs a command on it. */
async function open(name, folder) {
  mkdirSync(folder, { recursive: true });
  if (name === "newest") {
    await ensureBuilt();
    await makeNewest(folder);
    return (command) => runWith([folder], command);
  }
  if (!rights().isRoot) throw new SetupError("only root may enter another system's folder.");
  await ensureRequirements(systemsRequirements);
  await makeDebian(DEBIANS[name], folder);
  return (command) => runInDebian(folder, command);
}
