import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Resumption, WhichCombinationsSchema } from "@polyreel/contract";
import { exitCodes } from "../exit-codes.js";
import type { FilterFlags } from "../flags/filter.js";
import { interruptible } from "../interrupt.js";
import { counted } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";
import { watchToEnd } from "../watch/watch.js";
import { call } from "./call.js";
import { type Connection, connectTo } from "./connection.js";

/** Flags shared by the commands that rework a batch's combinations. */
export interface ReworkFlags extends FilterFlags {
  server: string;
  requestId?: string;
  watch?: true;
  json?: true;
  quiet?: true;
}

export interface ReworkOptions extends ReworkFlags {
  /** Set if the command decides about combinations that wait for approval; only those are counted then. */
  verb?: "approved" | "rejected";
  batchId: string;
  combinationIds: readonly string[];
}

interface ReworkRequest {
  batchId: string;
  requestId: string;
  which: MessageInitShape<typeof WhichCombinationsSchema>;
}

/** Reworks combinations and prints how many; with `watch`, follows them to the end. Returns the exit code. */
export async function rework(
  options: ReworkOptions,
  send: (
    connection: Connection,
    request: ReworkRequest,
    signal: AbortSignal,
  ) => Promise<{ resumption?: Resumption | undefined }>,
  terminal: Terminal,
): Promise<number> {
  const { batchId, combinationIds, choice, output, requestId = "", json } = options;
  const connection = connectTo(options.server);
  try {
    return await interruptible(terminal, async (signal) => {
      const which = { combinationIds: [...combinationIds], choices: choice, outputs: output };
      const { resumption } = await call(connection, send(connection, { batchId, requestId, which }, signal));
      const { run = 0, combinations = 0n, sequence = 0n } = resumption ?? {};
      if (options.watch && run > 0) {
        terminal.note(textOf(run, combinations, options.verb));
        return watchToEnd(connection, { ...options, afterSequence: sequence - 1n }, terminal, signal);
      }
      const result = { batchId, run, combinations: Number(combinations) };
      await terminal.print(json ? `${JSON.stringify(result)}\n` : textOf(run, combinations, options.verb));
      return exitCodes.delivered;
    });
  } finally {
    connection.close();
  }
}

const textOf = (run: number, combinations: bigint, verb: ReworkOptions["verb"]): string => {
  if (run === 0) return verb ? "nothing waits for approval\n" : "nothing to do\n";
  return `run ${run}: ${counted(combinations, "combination")}${verb ? ` ${verb}` : ""}\n`;
};
