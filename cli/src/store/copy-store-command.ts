import { type CopyProgress, copyStore, findStore, openStore } from "@polyreel/platform/blobs";
import { exitCodes } from "../exit-codes.js";
import { interruptible } from "../interrupt.js";
import { ProblemsError } from "../problem.js";
import { counted, formatBytes } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";
import { openStoreAddress, storeConfig } from "./store-address.js";

export interface CopyStoreOptions {
  from: string;
  to: string;
  json?: boolean | undefined;
  quiet?: boolean | undefined;
}

const REDRAW_MS = 200;

/** `polyreel store copy`. */
export async function copyStoreCommand(
  { from, to, json, quiet }: CopyStoreOptions,
  terminal: Terminal,
): Promise<number> {
  return interruptible(terminal, async (signal) => {
    const source = await findStore(storeConfig(from), { signal });
    if (!source) throw noStore(from);
    const target = await openStore(storeConfig(await openStoreAddress(to, "<to>")), { signal });
    let shownAt = 0;
    const onProgress = ({ objects, copied, copiedBytes }: CopyProgress) => {
      if (!terminal.live || quiet || Date.now() - shownAt < REDRAW_MS) return;
      shownAt = Date.now();
      terminal.pin([`${counted(objects, "object")} compared, ${copied} copied (${formatBytes(copiedBytes)})`]);
    };
    try {
      const done = await copyStore(source, target, { signal, onProgress });
      if (terminal.live) terminal.pin([]);
      const left = done.objects - done.copied;
      const text = `${counted(done.copied, "object")} copied (${formatBytes(done.copiedBytes)}), ${left} up to date\n`;
      await terminal.print(json ? `${JSON.stringify(done)}\n` : text);
    } finally {
      terminal.unpin();
    }
    return exitCodes.delivered;
  });
}

const noStore = (from: string): ProblemsError =>
  new ProblemsError(
    [{ what: `There is no store in ${from}.`, remedy: "Give the folder or bucket that POLYREEL_STORE names." }],
    exitCodes.usage,
  );
