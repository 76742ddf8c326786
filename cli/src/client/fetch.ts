import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { CombinationState } from "@polyreel/contract";
import type { FilterFlags } from "../commands/filter.js";
import { exitCodes } from "../exit-codes.js";
import { openFolder } from "../folder.js";
import { interruptible } from "../interrupt.js";
import { ProblemsError } from "../problem.js";
import { counted } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";
import { call } from "./call.js";
import { combinationsOf } from "./combinations.js";
import { type Connection, connectTo } from "./connection.js";

export interface FetchOptions extends FilterFlags {
  batchId: string;
  /** All that are delivered where empty. */
  combinationIds: readonly string[];
  server: string;
  out: string;
  quiet?: boolean | undefined;
}

/** Copies finished videos from a server; gives the exit code. A video is there whole or not at all. */
export async function fetchOutputs(options: FetchOptions, terminal: Terminal): Promise<number> {
  const { batchId, choice, combinationIds, out, quiet } = options;
  const connection = connectTo(options.server);
  const folder = await openFolder(out, "--out");
  try {
    return await interruptible(terminal, async (signal) => {
      const wanted = new Set(combinationIds);
      let fetched = 0;
      const asked = { batchId, choices: choice, state: CombinationState.DELIVERED };
      for await (const { id } of combinationsOf(connection, asked, signal)) {
        if (combinationIds.length > 0 && !wanted.delete(id)) continue;
        const name = await fetchOne(connection, batchId, id, folder.path, signal);
        fetched++;
        if (!quiet) terminal.note(`${name}\n`);
      }
      if (wanted.size > 0) throw notDelivered([...wanted]);
      await terminal.print(`${counted(fetched, "video")} in ${folder.path}\n`);
      return exitCodes.delivered;
    });
  } finally {
    connection.close();
    await folder.removeIfUnused();
  }
}

async function fetchOne(
  connection: Connection,
  batchId: string,
  combinationId: string,
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
      for await (const { part } of connection.batches.readOutput({ batchId, combinationId }, { signal })) {
        if (part.case === "description") {
          name = plainName(part.value.fileName);
          expected = part.value.sizeBytes;
        } else if (part.case === "chunk") {
          await file.writeFile(part.value);
          size += BigInt(part.value.length);
        }
      }
    };
    await call(connection, reading());
    if (size !== expected || name === "") throw new Error(`The server sent ${size} of ${expected} bytes.`);
    await rename(hidden, join(folder, name));
    return name;
  } finally {
    await rm(hidden, { force: true });
  }
}

/** A server's names are a stranger's: what is no plain name must not leave the folder. */
function plainName(name: string): string {
  if (name !== "" && name !== "." && name !== ".." && !/[/\\\0]/.test(name)) return name;
  throw new ProblemsError(
    [{ what: `The server names a file ${JSON.stringify(name)}, which is refused.` }],
    exitCodes.failed,
  );
}

const notDelivered = (ids: readonly string[]): ProblemsError =>
  new ProblemsError(
    ids.map((id) => ({
      what: `Combination ${id} is not among the delivered ones.`,
      remedy: "`polyreel list` tells which there are, and how far they came.",
    })),
    exitCodes.usage,
  );
