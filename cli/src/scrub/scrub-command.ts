import { removeDamaged, type Scrubbed, scrub } from "@polyreel/parts";
import { type PartName, partsFrom } from "@polyreel/parts/sources";
import type { Store } from "@polyreel/platform/blobs";
import { openStore, scopedStore } from "@polyreel/platform/blobs";
import { exitCodes } from "../exit-codes.js";
import { interruptible } from "../interrupt.js";
import { storeConfig } from "../store/store-address.js";
import { counted, formatBytes } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";

export interface ScrubOptions {
  store: string;
  tenant: string;
  dryRun?: boolean | undefined;
  json?: boolean | undefined;
  quiet?: boolean | undefined;
}

const REDRAW_MS = 200;
const SHORT_HASH = 16;

/** `polyreel scrub`: the exit code is 1 if something was damaged. */
export async function scrubStore(options: ScrubOptions, terminal: Terminal): Promise<number> {
  const store = scopedStore(await openStore(storeConfig(options.store)), options.tenant);
  return interruptible(terminal, async (signal) => {
    const damaged: (Scrubbed & { parts: readonly PartName[] })[] = [];
    let checked = 0;
    let bytes = 0;
    let shownAt = Date.now();
    try {
      for await (const one of scrub(store, signal)) {
        checked++;
        bytes += one.sizeBytes;
        if (one.damage) {
          const parts = options.dryRun
            ? await partsOfSource(store, one, signal)
            : await removeDamaged(store, one, signal);
          damaged.push({ ...one, parts });
          if (!options.quiet) terminal.note(`${terminal.paint("red", described(one, parts.length))}\n`);
        }
        if (!terminal.live || options.quiet || Date.now() - shownAt < REDRAW_MS) continue;
        shownAt = Date.now();
        terminal.pin([`${counted(checked, "object")}, ${formatBytes(bytes)} read`]);
      }
    } finally {
      if (terminal.live) terminal.pin([]);
      terminal.unpin();
    }
    if (options.json) {
      const printed = damaged.map(({ what, hash, damage, parts }) => ({
        what,
        hash,
        damage,
        ...(what === "source" && { parts }),
      }));
      await terminal.print(`${JSON.stringify({ checked, bytes, damaged: printed, removed: !options.dryRun })}\n`);
    } else {
      const found = damaged.length === 0 ? "nothing is damaged" : `${damaged.length} damaged`;
      const done = damaged.length > 0 && !options.dryRun ? " and removed: it is made again when it is wanted" : "";
      await terminal.print(`${counted(checked, "object")}, ${formatBytes(bytes)}: ${found}${done}\n`);
    }
    return damaged.length === 0 ? exitCodes.delivered : exitCodes.failed;
  });
}

/** Parts that would be removed together with a damaged source. */
const partsOfSource = async (store: Store, { what, hash }: Scrubbed, signal: AbortSignal): Promise<PartName[]> =>
  what === "source" ? partsFrom(store, hash, signal) : [];

const described = ({ what, hash, damage }: Scrubbed, parts: number): string =>
  `${what} ${hash.slice(0, SHORT_HASH)}: ${damage}${parts > 0 ? `; ${counted(parts, "part")} made from it` : ""}`;
