import { CombinationState } from "@polyreel/contract";
import { type Command, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import { type FilterFlags, withFilter } from "../flags/filter.js";
import { type LinkFlags, withLifetime } from "../flags/link-flags.js";

interface LinksFlags extends FilterFlags, LinkFlags {
  server: string;
  awaiting?: true;
  zip?: true;
  manifest?: "csv" | "jsonl";
  json?: true;
}

export function registerLinks(program: Command, { config, terminal }: CommandContext): void {
  const command = program
    .command("links")
    .description("print a signed link to each finished output of a batch, or one link to all of them")
    .argument("<batchId>", "as submit printed it")
    .argument("[combinationId...]", "only these, delivered or waiting for approval; all where left out")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("--awaiting", "outputs that wait for approval, in place of the delivered ones")
    .option("--zip", "one link to a ZIP archive of them")
    .addOption(
      new Option("--manifest <format>", "one link to a manifest, which has a link to each")
        .choices(["csv", "jsonl"])
        .conflicts("zip"),
    );
  withLifetime(withFilter(command))
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action(async (batchId: string, combinationIds: string[], { awaiting, ...flags }: LinksFlags) => {
      const { printLinks } = await import("./print-links.js");
      const state = awaiting ? CombinationState.AWAITING_APPROVAL : CombinationState.DELIVERED;
      await printLinks({ batchId, combinationIds, ...flags, state }, terminal);
    });
}

const EXAMPLES = `
A link works for anyone who has it until it expires, in a browser or a player, and with curl.

Examples:
  polyreel links b4k2x7q
  polyreel links b4k2x7q --lifetime 7d --choice speaker=rms
  polyreel links b4k2x7q ctmzx5mbqpox --output poster
  polyreel links b4k2x7q --zip                   one link that downloads all of them
  polyreel links b4k2x7q --manifest csv          one link to a list of links
  polyreel links b4k2x7q | xargs -n 1 curl -fsSOJ
`;
