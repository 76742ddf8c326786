// Newer programs than this system's, each in a folder that PATH may begin with.
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { runQuietly, runShown } from "../setup/run.mjs";

/** Releases of Node, as npm's packages `node-<platform>-<architecture>`. */
export const NODES = { lts: "24.22.3", newest: "26.12.1" };
const NATS_SERVER = "v2.15.3";

/** Fetches a Node into `<folder>/bin`. Throws SetupError if it is unavailable. @param {string} folder @param {string} version */
export async function fetchNode(folder, version) {
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  await runQuietly(`Fetching Node ${version}`, [
    ...["npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder, `${name}@${version}`],
  ]);
  linkProgram(folder, "node", join(folder, "node_modules", name, "bin/node"));
}

/** Builds the newest nats-server into `<folder>/bin`. Throws SetupError if Go is missing or cannot. @param {string} folder */
export const buildNatsServer = (folder) =>
  runQuietly(
    `Building nats-server ${NATS_SERVER}`,
    ["go", "install", `github.com/nats-io/nats-server/v2@${NATS_SERVER}`],
    { GOBIN: resolve(folder, "bin") },
  );

/** Puts a link to a program into `<folder>/bin`. @param {string} folder @param {string} name @param {string} path */
export function linkProgram(folder, name, path) {
  const link = resolve(folder, "bin", name);
  mkdirSync(resolve(folder, "bin"), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(resolve(path), link);
}

/**
 * Runs a command here with the programs of `<folder>/bin`; resolves to its exit code. @param {string[]} folders The first has
 * precedence. @param {string[]} command
 */
export const runWith = (folders, command) =>
  runShown(command, { PATH: [...folders.map((folder) => resolve(folder, "bin")), process.env.PATH].join(delimiter) });
