import { Priority } from "@polyreel/contract";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "../command-context.js";
import { withBatchFile, withSample } from "../flags/batch-flags.js";
import { type FolderFlags, withFolderFlags } from "../flags/folder-flag.js";

interface SubmitFlags extends FolderFlags {
  server: string;
  watch?: true;
  requestId?: string;
  sample?: number;
  continue?: string;
  priority?: Priority;
  json?: true;
  quiet?: true;
}

export function registerSubmit(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = withBatchFile(program.command("submit").description("send a batch, with its files, to a server"))
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("-w, --watch", "stay until the batch has ended")
    .option("--request-id <id>", "the same id again gets the first batch again (a new one each time)");
  withFolderFlags(withSample(command))
    .option("--continue <batchId>", "the combinations that this sample of the same batch left out, beside its videos")
    .option("--priority <priority>", "low, normal or high: its share of the work beside other batches", parsePriority)
    .option("--json", "print one JSON object")
    .option("-q, --quiet", "show no progress")
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, flags: SubmitFlags) => {
      const { submit } = await import("./submit.js");
      exit(await submit({ file, ...flags, submittedFolder: config.submittedFolder }, terminal));
    });
}

const EXAMPLES = `
Examples:
  polyreel submit batch.yaml                    prints the batch's id
  polyreel submit batch.yaml --watch
  polyreel submit batch.yaml --sample 20        a sample, to look at first
  polyreel submit batch.yaml --continue b4k2x7q the rest of it
  polyreel submit batch.yaml --priority high    before others that wait
  polyreel submit batch.yaml --request-id may-sale-1 --server http://render.example:8080
`;

const PRIORITIES: Readonly<Record<string, Priority>> = {
  low: Priority.LOW,
  normal: Priority.NORMAL,
  high: Priority.HIGH,
};

/** Parses a batch priority, ignoring case. */
function parsePriority(text: string): Priority {
  const priority = PRIORITIES[text.toLowerCase()];
  if (priority !== undefined) return priority;
  throw new InvalidArgumentError("Give low, normal or high.");
}
