import { type Command, Option } from "commander";
import type { CommandContext } from "./context.js";
import { type FilterFlags, withChoices, withState } from "./filter.js";

interface ListFlags extends FilterFlags {
  server: string;
  json?: true;
  csv?: true;
}

export function registerList(program: Command, { config, terminal }: CommandContext): void {
  const command = program
    .command("list")
    .description("list a batch's combinations and how far they came")
    .argument("<batchId>", "as submit printed it")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl);
  withChoices(withState(command))
    .option("--json", "one JSON object a line")
    .addOption(new Option("--csv", "comma-separated values with a header").conflicts("json"))
    .addHelpText("after", EXAMPLES)
    .action(async (batchId: string, flags: ListFlags) => {
      const { list } = await import("../client/list.js");
      await list({ batchId, ...flags }, terminal);
    });
}

const EXAMPLES = `
Examples:
  polyreel list b4k2x7q
  polyreel list b4k2x7q --state failed
  polyreel list b4k2x7q --choice hook=flower --choice hook=friday --csv > some.csv
  polyreel list b4k2x7q --json | jq -r .url      where players find them, written or virtual
`;
