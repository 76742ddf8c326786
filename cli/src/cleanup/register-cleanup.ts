import { parseBytes, parseSpan } from "@polyreel/platform";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "../command-context.js";

interface CleanUpFlags {
  server: string;
  olderThan?: number;
  maxSize?: number;
  sourcesUnused?: number;
  tenant?: string;
  dryRun?: true;
  json?: true;
}

export function registerCleanUp(program: Command, { config, terminal, exit }: CommandContext): void {
  program
    .command("cleanup")
    .description("remove old batches: their videos, and what was made for them alone; and unused sources")
    .option("--older-than <time>", "those that ended longer ago, as in 30d, 12h", parseAge)
    .option("--max-size <size>", "those that ended first, until all videos take no more, as in 50GB", parseSize)
    .option("--sources-unused <time>", "sources that no batch uses, and that were last used longer ago", parseAge)
    .option("--tenant <name>", "only this tenant's")
    .option("--dry-run", "show what would be removed, without removing it")
    .option("--json", "print one JSON object")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .addHelpText("after", EXAMPLES)
    .action(
      async ({ olderThan: olderThanMs, maxSize: maxBytes, sourcesUnused: sourcesUnusedMs, ...flags }: CleanUpFlags) => {
        const { cleanUp } = await import("./clean-up.js");
        exit(await cleanUp({ ...flags, olderThanMs, maxBytes, sourcesUnusedMs }, terminal));
      },
    );
}

function parseAge(text: string): number {
  return parseSpan(text) ?? wrong("Give a time like 30d, 2w, 12h or 90m.");
}

function parseSize(text: string): number {
  return parseBytes(text) ?? wrong("Give a size like 50GB, 1.5TB or 10GiB.");
}

function wrong(remedy: string): never {
  throw new InvalidArgumentError(remedy);
}

const EXAMPLES = `
Without a time and a size, what the server removes by itself (POLYREEL_RETENTION, POLYREEL_RETENTION_MAX_BYTES,
POLYREEL_SOURCE_RETENTION) goes now. Batches at work stay, and those that one that stays continues. Parts that other batches
use stay, and so do sources that a batch uses, and those that were put within the last hour. Of decoded sound, which is kept
for reuse, what was used least recently goes where there is more than the server keeps; and expired uploads go.

Examples:
  polyreel cleanup --older-than 30d --dry-run
  polyreel cleanup --older-than 30d --max-size 50GB
  polyreel cleanup --sources-unused 90d --dry-run
  polyreel cleanup --max-size 50GB --dry-run --json | jq -r '.batches[].batchId'
`;
