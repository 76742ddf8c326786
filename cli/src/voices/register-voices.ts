import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

interface VoicesFlags {
  server?: string;
  language?: string;
  engine?: string;
  gender?: string;
  tenant?: string;
  samples?: true;
  json?: true;
}

export function registerVoices(program: Command, { terminal }: CommandContext): void {
  program
    .command("voices")
    .description("list the voices that a batch can name")
    .option("-s, --server <url>", "those of a server; of this machine where left out")
    .option("--language <tag>", "those that speak a language: en lists en-US, too")
    .option("--engine <name>", "those of an engine or provider")
    .option("--gender <gender>", "female or male")
    .option("--tenant <name>", "those that a tenant may use")
    .option("--samples", "show where a sound of each voice is, if its provider has one")
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
  polyreel voices --language de --gender female
  polyreel voices --json | jq -r '.voices[].name'
`;
