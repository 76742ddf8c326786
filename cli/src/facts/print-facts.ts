import { toJsonString } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type ReadFactsResponse, ReadFactsResponseSchema } from "@polyreel/contract";
import { connectTo } from "../client/connection.js";
import { resumedStream } from "../client/resumed-stream.js";
import { exitCodes } from "../exit-codes.js";
import { interruptible } from "../interrupt.js";
import type { Terminal } from "../terminal/terminal.js";
import { factWords } from "./fact-words.js";

export interface FactsFlags {
  readonly type: readonly string[];
  readonly combination?: string;
  readonly since?: Date;
  /** Position of the first fact. */
  readonly from?: bigint;
  readonly limit?: bigint;
  readonly follow?: true;
  readonly json?: true;
}

/** `polyreel facts`. Returns the exit code. A reader that has enough (`| head`) ends it in order. */
export async function printFacts(
  { batchId, server, ...flags }: FactsFlags & { readonly batchId: string; readonly server: string },
  terminal: Terminal,
): Promise<number> {
  const { type: types, combination: combinationId = "", since, from = 1n, limit = 0n, follow = false, json } = flags;
  const connection = connectTo(server);
  try {
    return await interruptible(terminal, async (signal) => {
      let printed = 0n;
      const open = (afterSequence: bigint) => {
        const left = limit > 0n ? limit - printed : 0n;
        const which = { batchId, types: [...types], combinationId, ...(since && { since: timestampFromDate(since) }) };
        return connection.batches.readFacts({ ...which, afterSequence, limit: left, follow }, { signal });
      };
      for await (const fact of resumedStream(connection, open, signal, from - 1n)) {
        await terminal.print(json ? `${toJsonString(ReadFactsResponseSchema, fact)}\n` : line(fact));
        if (terminal.discarded || ++printed === limit) break;
      }
      if (printed === 0n && !json && !terminal.discarded) terminal.note("There are no facts like that.\n");
      return exitCodes.delivered;
    });
  } finally {
    connection.close();
  }
}

function line(fact: ReadFactsResponse): string {
  const time = fact.time ? timestampDate(fact.time).toISOString().slice(0, 23).replace("T", " ") : "";
  return `${[String(fact.sequence), time, fact.subject, factWords(fact)].join("  ").trimEnd()}\n`;
}
