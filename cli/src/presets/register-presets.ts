import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

interface PresetsFlags {
  server?: string;
  json?: true;
}

export function registerPresets(program: Command, { config, terminal }: CommandContext): void {
  program
    .command("presets")
    .description("list the presets that transcodes can name, and their settings")
    .option("-s, --server <url>", "those of a server; of this machine where left out")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: PresetsFlags) => {
      const { listPresets } = await import("./list-presets.js");
      await listPresets({ ...flags, file: config.presetsFile }, terminal);
    });
}

const EXAMPLES = `
A batch names them in its outputs: outputs: [{transcode: {preset: web-720p}}]
Own ones are in the file that POLYREEL_PRESETS of the gateway names.

Examples:
  polyreel presets
  polyreel presets --json | jq -r '.presets[].name'
`;
