import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

interface ScrubFlags {
  store: string;
  tenant: string;
  dryRun?: true;
  json?: true;
  quiet?: true;
}

export function registerScrub(program: Command, { config, terminal, exit }: CommandContext): void {
  program
    .command("scrub")
    .description("check the store: read every source and part, and remove what is damaged")
    .option("--store <folder>", "of sources and parts (POLYREEL_STORE); or s3://bucket/prefix", config.store)
    .option("--tenant <name>", "whose", "default")
    .option("--dry-run", "show what is damaged, without removing it")
    .option("--json", "print one JSON object")
    .option("-q, --quiet", "show no progress")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: ScrubFlags) => {
      const { scrubStore } = await import("./scrub-command.js");
      exit(await scrubStore(flags, terminal));
    });
}

const EXAMPLES = `
May run beside renders and services: what is removed is made again when it is wanted, a source is taken in again.

Examples:
  polyreel scrub
  polyreel scrub --dry-run --json | jq '.damaged[]'
`;
