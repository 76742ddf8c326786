import { call } from "../client/call.js";
import { connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { interruptible } from "../interrupt.js";
import type { Terminal } from "../terminal/terminal.js";

/** Has a server rebuild its read model, and shows the progress. Returns the exit code. */
export async function rebuild(
  { server, quiet }: { server: string; quiet?: boolean | undefined },
  terminal: Terminal,
): Promise<number> {
  const connection = connectTo(server);
  try {
    return await interruptible(terminal, async (signal) => {
      let last = 0n;
      let shown = -1;
      const reading = async () => {
        for await (const { sequence, lastSequence } of connection.admin.rebuildReadModel({}, { signal })) {
          last = lastSequence;
          const percent = lastSequence > 0n ? Number((sequence * 100n) / lastSequence) : 0;
          if (!quiet && percent >= shown + STEP_PERCENT) terminal.note(`${percent} %\n`);
          if (percent >= shown + STEP_PERCENT) shown = percent;
        }
      };
      await call(connection, reading());
      await terminal.print(`rebuilt from the event stream, up to position ${last}\n`);
      return exitCodes.delivered;
    });
  } finally {
    connection.close();
  }
}

const STEP_PERCENT = 10;
