import { randomUUID } from "node:crypto";
import { mkdir, open, realpath, rename, rm } from "node:fs/promises";
import { join, sep } from "node:path";
import { call } from "../client/call.js";
import type { Connection } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";

interface FetchedOutput {
  readonly batchId: string;
  readonly combinationId: string;
  /** The output's name. */
  readonly output: string;
}

/** Copies an output into a folder, under the server's name for it including subfolders. Returns that name. */
export async function fetchFile(
  connection: Connection,
  output: FetchedOutput,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const hidden = join(folder, `.polyreel-${randomUUID()}`);
  let name = "";
  try {
    await using file = await open(hidden, "wx");
    let size = 0n;
    let expected = 0n;
    const reading = async () => {
      for await (const { part } of connection.batches.readOutput(output, { signal })) {
        if (part.case === "description") {
          name = plainPath(part.value.fileName);
          expected = part.value.sizeBytes;
        } else if (part.case === "chunk") {
          await file.writeFile(part.value);
          size += BigInt(part.value.length);
        }
      }
    };
    await call(connection, reading());
    if (size !== expected || name === "") throw new Error(`The server sent ${size} of ${expected} bytes.`);
    await rename(hidden, await makeInside(folder, name));
    return name;
  } finally {
    await rm(hidden, { force: true });
  }
}

/** Creates the subfolders of a path within a folder. Refuses a symbolic link that leads out of it. */
async function makeInside(folder: string, name: string): Promise<string> {
  const root = await realpath(folder);
  let parent = root;
  for (const segment of name.split("/").slice(0, -1)) {
    const next = join(parent, segment);
    await mkdir(next, { recursive: true });
    parent = await realpath(next);
    if (parent !== next && !parent.startsWith(root + sep)) throw refused(name);
  }
  return join(parent, name.slice(name.lastIndexOf("/") + 1));
}

/** Names come from the server and are not trusted: only a plain path below the folder is accepted. */
function plainPath(name: string): string {
  const isPlain = (segment: string) => segment !== "" && segment !== "." && segment !== ".." && !/[\\\0]/.test(segment);
  if (name.split("/").every(isPlain)) return name;
  throw refused(name);
}

const refused = (name: string): ProblemsError =>
  new ProblemsError([{ what: `The server names a file ${JSON.stringify(name)}, which is refused.` }], exitCodes.failed);
