import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { dirname, join } from "node:path";
import { json } from "node:stream/consumers";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { OutputsLinkSchema } from "@polyreel/contract";
import { call } from "../client/call.js";
import type { Connection } from "../client/connection.js";
import { httpGet } from "../client/http-get.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";

/** Opens a download of a batch's outputs, as an archive or a manifest. Throws ProblemsError if the server refuses it. */
export async function openDownload(
  connection: Connection,
  value: MessageInitShape<typeof OutputsLinkSchema>,
  signal: AbortSignal,
): Promise<{ readonly body: AsyncIterable<Uint8Array>; readonly totalBytes: number }> {
  const { url } = await call(connection, connection.links.createLink({ target: { case: "outputs", value } }));
  // By the address that leads to the server from here; links have the public one.
  const answer = await httpGet(connection.url + url.slice(url.indexOf("/batches/")), signal);
  if (answer.statusCode !== 200) throw await refused(answer);
  return { body: answer, totalBytes: Number(answer.headers["content-length"] ?? 0) };
}

const PROGRESS_MS = 500;

/** Writes a file completely or not at all. Returns its size. */
export async function writeWhole(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  onProgress: (done: number) => void = () => {},
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

async function refused(answer: IncomingMessage): Promise<ProblemsError> {
  const problem = (await json(answer).catch(() => ({}))) as { detail?: string; failure?: Record<string, string> };
  const what = problem.failure?.reason ?? problem.detail ?? `The server answered with status ${answer.statusCode}.`;
  const { remedy } = problem.failure ?? {};
  const exitCode = (answer.statusCode ?? 500) < 500 ? exitCodes.usage : exitCodes.failed;
  return new ProblemsError([{ what, ...(remedy && { remedy }) }], exitCode);
}

const unwritable = (path: string, code: string): ProblemsError =>
  new ProblemsError(
    [{ what: `${path} can't be written (${code}).`, remedy: "Name a file in an existing folder." }],
    exitCodes.usage,
  );
