import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import type { DestinationsOptions } from "./list-destinations.js";

export function registerDestinations(program: Command, { config, terminal }: CommandContext): void {
  program
    .command("destinations")
    .description("list the destinations of a server that a batch can name, and whether each is reachable")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("--tenant <name>", "those of this tenant")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: DestinationsOptions) => {
      const { listDestinations } = await import("./list-destinations.js");
      await listDestinations(flags, terminal);
    });
}

const EXAMPLES = `
They are configured in the file that POLYREEL_DESTINATIONS of the uploader names.
A batch names them in its outputs: to: [{folder: {destination: archive, path: spring}}]

Examples:
  polyreel destinations
  polyreel destinations --json | jq -r '.destinations[].name'
`;
