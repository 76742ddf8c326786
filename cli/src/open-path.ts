import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import open from "open";
import { exitCodes } from "./exit-codes.js";
import { ProblemsError } from "./problem.js";
import type { Terminal } from "./terminal/terminal.js";

const LOOK_MS = 1500;

/** Opens a folder or file as a double click would; says where it is where there is nothing to open it with. */
export async function openPath(given: string, terminal: Terminal): Promise<void> {
  const path = resolve(given);
  if (!(await stat(path).catch(() => undefined))) {
    const remedy = "Give the folder that --out named.";
    throw new ProblemsError([{ what: `There is no ${JSON.stringify(given)}.`, remedy }], exitCodes.usage);
  }
  const opener = await open(path);
  const failed = await new Promise<boolean>((done) => {
    opener.once("error", () => done(true));
    opener.once("exit", (code) => done(code !== 0));
    setTimeout(() => done(false), LOOK_MS);
  });
  await terminal.print(`${path}\n`);
  if (failed) terminal.note("Nothing here opens it; that is where it is.\n");
}
