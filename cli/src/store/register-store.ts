import { Argument, type Command } from "commander";
import type { CommandContext } from "../command-context.js";

interface StoreFlags {
  json?: true;
  quiet?: true;
}

export function registerStore(program: Command, { terminal, exit }: CommandContext): void {
  program
    .command("store")
    .description("copy a store to another place: a folder, or s3://bucket/prefix")
    .addArgument(new Argument("<action>", "what to do").choices(["copy"]))
    .argument("<from>", "the store to read")
    .argument("<to>", "the store to write; made where there is none")
    .option("--json", "print one JSON object")
    .option("-q, --quiet", "show no progress")
    .addHelpText("after", EXAMPLES)
    .action(async (_action: string, from: string, to: string, flags: StoreFlags) => {
      const { copyStoreCommand } = await import("./copy-store-command.js");
      exit(await copyStoreCommand({ from, to, ...flags }, terminal));
    });
}

const EXAMPLES = `
Reads each copy back to compare it. May be stopped and run again: what is there already is left. Run it once while services use
the old store, and once more when they have ended, before they start with the new one.

Examples:
  polyreel store copy ~/.cache/polyreel 's3://media/polyreel?endpoint=http://127.0.0.1:9000'
  polyreel store copy s3://media/polyreel /srv/polyreel/store
`;
