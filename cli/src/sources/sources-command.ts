import { call } from "../client/call.js";
import { connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { interruptible } from "../interrupt.js";
import type { Terminal } from "../terminal/terminal.js";
import { fullHash } from "./full-hash.js";
import { printSources } from "./print-sources.js";
import { putSources } from "./put-sources.js";
import type { SourcesFlags } from "./register-sources.js";
import { showSource } from "./show-source.js";
import { type SourcesContext, usage } from "./sources-context.js";

/** `polyreel sources`. Returns the exit code. */
export async function sourcesCommand(
  action: string,
  what: readonly string[],
  flags: SourcesFlags,
  terminal: Terminal,
): Promise<number> {
  if (action === "list" && what.length > 0) throw usage("The list takes no file and no hash.", "Leave it out.");
  if (action !== "list" && what.length === 0) {
    throw usage(`Nothing to ${action} is named.`, action === "put" ? "Name files." : "Name sources by their hashes.");
  }
  const connection = connectTo(flags.server);
  try {
    return await interruptible(terminal, async (signal) => {
      const context = { connection, terminal, flags, signal };
      if (action === "list") await printSources(context);
      else if (action === "put") return putSources(what, context);
      else for (const hash of what) await one(action, await fullHash(hash, context), context);
      return exitCodes.delivered;
    });
  } finally {
    connection.close();
  }
}

async function one(action: string, sha256: string, context: SourcesContext): Promise<void> {
  const { connection, flags, signal, terminal } = context;
  const { tenant = "", title, description, label, labels } = flags;
  if (action === "show") return showSource(sha256, context);
  if (action === "delete") {
    await call(connection, connection.sources.deleteSource({ tenant, sha256 }, { signal }));
    return terminal.print(flags.json ? `${JSON.stringify({ sha256, deleted: true })}\n` : `${sha256} is deleted\n`);
  }
  const changes = {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...((label.length > 0 || labels === false) && { labels: { labels: [...label] } }),
  };
  if (Object.keys(changes).length === 0) {
    throw usage("Nothing to change is given.", "Give --title, --description, --label or --no-labels.");
  }
  await call(connection, connection.sources.updateSource({ tenant, sha256, ...changes }, { signal }));
  return showSource(sha256, context);
}
