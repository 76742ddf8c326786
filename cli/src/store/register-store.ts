import { Argument, type Command } from "commander";
import type { CommandContext } from "../command-context.js";

interface StoreFlags {
  json?: true;
  quiet?: true;
}

export function registerStore(program: Command, { terminal, exit }: CommandContext): void {
  program
    .command("store")
    .description("copy a store to another folder or bucket (s3://bucket/prefix)")
    .addArgument(new Argument("<action>", "what to do").choices(["copy"]))
    .argument("<from>", "the store to read")
    .argument("<to>", "the store to write, created if needed")
    .option("--json", "print one JSON object")
    .option("-q, --quiet", "show no progress")
    .addHelpText("after", EXAMPLES)
    .action(async (_action: string, from: string, to: string, flags: StoreFlags) => {
      const { copyStoreCommand } = await import("./copy-store-command.js");
      exit(await copyStoreCommand({ from, to, ...flags }, terminal));
    });
}

const EXAMPLES = `
Verifies each copy by reading it back. Can be interrupted and resumed: existing copies are skipped. To move a store, run it while
services use the old one, and again after stopping them; then start them with the new one.

Examples:
  polyreel store copy ~/.cache/polyreel 's3://media/polyreel?endpoint=http://127.0.0.1:9000'
  polyreel store copy s3://media/polyreel /srv/polyreel/store
`;
