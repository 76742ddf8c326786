import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { outputUrlPath } from "@polyreel/contract";
import open from "open";
import { connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import type { Terminal } from "../terminal/terminal.js";

const LOOK_MS = 1500;
const ANSWER_MS = 10_000;

/** Opens a folder, file or web address as a double click would; says where it is where there is nothing to open it with. */
export async function openPath(given: string, terminal: Terminal): Promise<void> {
  if (/^https?:\/\//i.test(given)) return openUrl(given, terminal);
  const path = resolve(given);
  if (!(await stat(path).catch(() => undefined))) {
    throw notThere(`There is no ${JSON.stringify(given)}.`, "Give the folder that --out named.");
  }
  await hand(path, terminal);
}

/** Opens a video where a server serves it: written or virtual, that is the same. */
export async function openOutput(
  { batchId, combinationId, server }: { batchId: string; combinationId: string; server: string },
  terminal: Terminal,
): Promise<void> {
  const { url, close } = connectTo(server);
  close(); // only its address is wanted
  await openUrl(url + outputUrlPath(batchId, combinationId), terminal);
}

/** A browser would show an error of its own: better it is told here. */
async function openUrl(url: string, terminal: Terminal): Promise<void> {
  const answer = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => undefined);
  if (!answer) throw notThere(`Nothing answers at ${url}.`, "Start a server with `polyreel up`, or give its address.");
  if (!answer.ok) {
    throw notThere(
      `There is no video at ${url} (${answer.status}).`,
      "`polyreel list` shows the videos of a batch and their URLs.",
    );
  }
  await hand(url, terminal);
}

async function hand(target: string, terminal: Terminal): Promise<void> {
  const opener = await open(target);
  const failed = await new Promise<boolean>((done) => {
    opener.once("error", () => done(true));
    opener.once("exit", (code) => done(code !== 0));
    setTimeout(() => done(false), LOOK_MS);
  });
  await terminal.print(`${target}\n`);
  if (failed) terminal.note("Nothing here opens it; that is where it is.\n");
}

const notThere = (what: string, remedy: string): ProblemsError =>
  new ProblemsError([{ what, remedy }], exitCodes.usage);
