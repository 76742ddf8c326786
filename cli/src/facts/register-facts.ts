import { facts, isFactLike } from "@polyreel/contract";
import { nearest } from "@polyreel/spec";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import { parseMoment } from "../flags/moment.js";
import type { FactsFlags } from "./print-facts.js";

const NAMES = Object.keys(facts) as (keyof typeof facts)[];

export function registerFacts(program: Command, { config, terminal, exit }: CommandContext): void {
  program
    .command("facts")
    .description("print the facts (events) of a batch as the event stream has them, the oldest first")
    .argument("<batchId>", "as submit printed it")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .addOption(
      new Option(
        "--type <type>",
        "only facts of this type, again for more: combination.delivered, combination.*, *.failed",
      )
        .argParser(gatherType)
        .default([], "any"),
    )
    .option("--combination <id>", "only facts about this combination")
    .option("--since <time>", "only from then on: 2026-05-01T12:00, or 1h for an hour ago", parseMoment)
    .option("--from <sequence>", "only from this position of the stream on", parsePositive)
    .option("-n, --limit <count>", "at most as many", parsePositive)
    .option("-f, --follow", "go on with new facts until the batch has ended")
    .addOption(new Option("--watch", "like --follow").implies({ follow: true }).hideHelp())
    .option("--json", "one JSON object a line, with the fact under the name of its message")
    .addHelpText("after", EXAMPLES)
    .action(async (batchId: string, flags: FactsFlags & { readonly server: string }) => {
      const { printFacts } = await import("./print-facts.js");
      exit(await printFacts({ batchId, ...flags }, terminal));
    });
}

function gatherType(text: string, before: readonly string[]): readonly string[] {
  if (NAMES.some((name) => isFactLike(name, text))) return [...before, text];
  const near = nearest(text, NAMES);
  throw new InvalidArgumentError(`${near ? `Did you mean ${near}? ` : ""}Types are ${NAMES.join(", ")}.`);
}

function parsePositive(text: string): bigint {
  if (/^[1-9]\d{0,15}$/.test(text)) return BigInt(text);
  throw new InvalidArgumentError("Give a whole number from 1.");
}

const EXAMPLES = `
A line has the position in the stream, the time, the subject, and the main fields. Reading changes nothing.

Examples:
  polyreel facts b4k2x7q
  polyreel facts b4k2x7q --follow --type 'combination.*'
  polyreel facts b4k2x7q --combination ctmzx5mbqpox
  polyreel facts b4k2x7q --type '*.failed' --since 1h
  polyreel facts b4k2x7q --from 4711 --limit 10
  polyreel facts b4k2x7q --json | jq -r '.combinationDelivered.path // empty'
`;
