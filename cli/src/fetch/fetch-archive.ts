import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { CombinationState } from "@polyreel/contract";
import { call } from "../client/call.js";
import { connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import type { FilterFlags } from "../flags/filter.js";
import { interruptible } from "../interrupt.js";
import { ProblemsError } from "../problem.js";
import { formatBytes } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";

export interface ArchiveOptions extends FilterFlags {
  batchId: string;
  server: string;
  /** Path of the archive. */
  zip: string;
  state: CombinationState;
  quiet?: boolean | undefined;
}

const PROGRESS_MS = 500;

/** Writes the selected outputs into a ZIP archive here, which exists completely or not at all. Returns the exit code. */
export async function fetchArchive(options: ArchiveOptions, terminal: Terminal): Promise<number> {
  const { batchId, server, zip, choice, output, state } = options;
  const connection = connectTo(server);
  const path = resolve(zip);
  try {
    return await interruptible(terminal, async (signal) => {
      const value = { batchId, state, choices: choice, outputs: output };
      const { url } = await call(connection, connection.links.createLink({ target: { case: "outputs", value } }));
      // By the address that leads to the server from here; links have the public one.
      const answer = await fetch(connection.url + url.slice(url.indexOf("/batches/")), { signal });
      if (!answer.ok || !answer.body) throw await refused(answer);
      const sizeBytes = await writeFile(path, answer.body, (done) => {
        if (!options.quiet) terminal.pin([progressLine(done, Number(answer.headers.get("content-length") ?? 0))]);
      }).catch((error: unknown) => {
        throw error instanceof TypeError && !signal.aborted ? cut(batchId) : error;
      });
      terminal.pin([]);
      await terminal.print(`${formatBytes(sizeBytes)} in ${path}\n`);
      return exitCodes.delivered;
    });
  } finally {
    terminal.pin([]);
    connection.close();
  }
}

async function writeFile(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  onProgress: (done: number) => void,
): Promise<number> {
  const hidden = join(dirname(path), `.polyreel-${randomUUID()}`);
  try {
    await using file = await open(hidden, "wx").catch((error: NodeJS.ErrnoException) => {
      throw unwritable(path, error.code ?? error.message);
    });
    let done = 0;
    let shownAt = performance.now();
    for await (const chunk of bytes) {
      await file.writeFile(chunk);
      done += chunk.length;
      if (performance.now() - shownAt < PROGRESS_MS) continue;
      shownAt = performance.now();
      onProgress(done);
    }
    await rename(hidden, path);
    return done;
  } finally {
    await rm(hidden, { force: true });
  }
}

const progressLine = (done: number, total: number): string =>
  total > 0 ? `${formatBytes(done)} of ${formatBytes(total)}` : formatBytes(done);

async function refused(answer: Response): Promise<ProblemsError> {
  const problem = (await answer.json().catch(() => ({}))) as { detail?: string; failure?: Record<string, string> };
  const what = problem.failure?.reason ?? problem.detail ?? `The server answered with status ${answer.status}.`;
  const { remedy } = problem.failure ?? {};
  const exitCode = answer.status < 500 ? exitCodes.usage : exitCodes.failed;
  return new ProblemsError([{ what, ...(remedy && { remedy }) }], exitCode);
}

const cut = (batchId: string): ProblemsError =>
  new ProblemsError(
    [
      {
        what: "The server ended the archive early: an output could not be read, or the connection broke.",
        remedy: `\`polyreel fetch ${batchId}\` copies file by file, and names the one that is missing.`,
      },
    ],
    exitCodes.failed,
  );

const unwritable = (path: string, code: string): ProblemsError =>
  new ProblemsError(
    [{ what: `${path} can't be written (${code}).`, remedy: "Name a file in an existing folder." }],
    exitCodes.usage,
  );
