import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

interface VoicesFlags {
  server?: string;
  json?: true;
}

export function registerVoices(program: Command, { terminal }: CommandContext): void {
  program
    .command("voices")
    .description("list the voices that a batch can name")
    .option("-s, --server <url>", "those of a server; of this machine where left out")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: VoicesFlags) => {
      const { listVoices } = await import("./list-voices.js");
      await listVoices(flags, terminal);
    });
}

const EXAMPLES = `
Examples:
  polyreel voices
  polyreel voices --json | jq -r '.voices[].name'
`;
