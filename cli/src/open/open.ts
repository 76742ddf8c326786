import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { outputUrlPath } from "@polyreel/contract";
import open from "open";
import { connectTo } from "../client/connection.js";
import { httpGet } from "../client/http-get.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import type { Terminal } from "../terminal/terminal.js";

const POLL_MS = 1500;
const ANSWER_MS = 10_000;

/** Opens a folder, file or URL as a double click would; prints its location if no program is available. */
export async function openPath(given: string, terminal: Terminal): Promise<void> {
  if (/^https?:\/\//i.test(given)) return openUrl(given, terminal);
  const path = resolve(given);
  if (!(await stat(path).catch(() => undefined))) {
    throw notFound(`There is no ${JSON.stringify(given)}.`, "Give the folder that --out named.");
  }
  await openWith(path, terminal);
}

/** Opens a video at the server's address for it, which is the same for written and virtual ones. */
export async function openOutput(
  { batchId, combinationId, server }: { batchId: string; combinationId: string; server: string },
  terminal: Terminal,
): Promise<void> {
  const { url, close } = connectTo(server);
  close(); // Only the address is needed.
  await openUrl(url + outputUrlPath(batchId, combinationId), terminal);
}

/** Checks the URL first: an error here is clearer than the browser's. */
async function openUrl(url: string, terminal: Terminal): Promise<void> {
  const answer = await httpGet(url, AbortSignal.timeout(ANSWER_MS), "HEAD").catch((error: unknown) => {
    if (error instanceof ProblemsError) throw error;
    return undefined;
  });
  if (!answer) throw notFound(`Nothing answers at ${url}.`, "Start a server with `polyreel up`, or give its address.");
  answer.resume();
  const { statusCode = 0 } = answer;
  if (statusCode >= 400) {
    throw notFound(
      `There is no video at ${url} (${statusCode}).`,
      "`polyreel list` shows the videos of a batch and their URLs.",
    );
  }
  await openWith(url, terminal);
}

async function openWith(target: string, terminal: Terminal): Promise<void> {
  const opener = await open(target);
  const failed = await new Promise<boolean>((done) => {
    opener.once("error", () => done(true));
    opener.once("exit", (code) => done(code !== 0));
    setTimeout(() => done(false), POLL_MS);
  });
  await terminal.print(`${target}\n`);
  if (failed) terminal.note("No program opened it; the address is above.\n");
}

const notFound = (what: string, remedy: string): ProblemsError =>
  new ProblemsError([{ what, remedy }], exitCodes.usage);
