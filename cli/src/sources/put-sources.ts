import { basename } from "node:path";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import { formatBytes } from "../terminal/numbers.js";
import { fingerprint } from "./fingerprint.js";
import { putRemotely } from "./put-remote.js";
import type { SourcesContext } from "./sources-context.js";

const REDRAW_MS = 200;

/** Uploads files, and prints the hash of each. The exit code is 1 if one could not be read. */
export async function putSources(
  paths: readonly string[],
  { connection, terminal, flags, signal }: SourcesContext,
): Promise<number> {
  const { tenant = "", title = "", description = "", label, quiet, json } = flags;
  let shownAt = Date.now();
  const put = putRemotely(connection, tenant, {
    texts: { title, description, labels: [...label] },
    onSent: ({ path }, sent, sizeBytes) => {
      if (!terminal.live || quiet || Date.now() - shownAt < REDRAW_MS) return;
      shownAt = Date.now();
      terminal.pin([`${basename(path)}: ${formatBytes(sent)} of ${formatBytes(sizeBytes)}`]);
    },
  });
  const unreadable: string[] = [];
  try {
    for (const path of paths) {
      const found = await fingerprint(path, signal);
      if (!("sha256" in found)) {
        unreadable.push(path);
        terminal.note(`${path}: ${found.unreadable}\n`);
        continue;
      }
      const { sha256, sizeBytes } = found;
      const { known } = await put(found, signal);
      if (terminal.live) terminal.pin([]);
      const text = `${sha256}  ${path}${known ? " (known)" : ""}\n`;
      await terminal.print(json ? `${JSON.stringify({ sha256, sizeBytes, known, fileName: basename(path) })}\n` : text);
    }
  } finally {
    terminal.unpin();
  }
  if (unreadable.length === paths.length) throw new ProblemsError([nothing], exitCodes.usage);
  return unreadable.length > 0 ? exitCodes.failed : exitCodes.delivered;
}

const nothing = { what: "No file could be read.", remedy: "Name files that exist and may be read." };
