import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import { withServerOrStore } from "../flags/batch-flags.js";

interface DiffFlags {
  server?: string;
  store: string;
  json?: true;
}

export function registerDiff(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = program
    .command("diff")
    .description("show what a changed batch makes beyond the one before; nothing is made")
    .argument("<old.yaml>", "the batch file before")
    .argument("<new.yaml>", "the changed one");
  withServerOrStore(command, config)
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (old: string, file: string, flags: DiffFlags) => {
      const { diffCommand } = await import("./diff-command.js");
      exit(await diffCommand({ old, file, ...flags, presetsFile: config.presetsFile }, terminal));
    });
}

const EXAMPLES = `
A combination is the same in both where its choices have the same labels; it is changed where something else stands behind
them.

Examples:
  polyreel diff may.yaml june.yaml
  polyreel diff may.yaml june.yaml --json | jq '.added[].id'
`;
