import { Argument, type Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "../command-context.js";

export interface SourcesFlags {
  server: string;
  tenant?: string;
  title?: string;
  description?: string;
  /** Empty for none. */
  label: readonly string[];
  labels?: false;
  sort?: string;
  json?: true;
  quiet?: true;
}

export function registerSources(program: Command, { config, terminal, exit }: CommandContext): void {
  program
    .command("sources")
    .description("list, show, upload, describe and delete the files that a server keeps for batches")
    .addArgument(new Argument("<action>", "what to do").choices(["list", "show", "put", "update", "delete"]))
    .argument("[path...]", "files to put, or hashes of sources (their first digits suffice)")
    .option("--title <text>", "of the sources that are put or updated")
    .option("--description <text>", "likewise")
    .option(
      "-l, --label <label>",
      "likewise, replacing all; of list: only those that have it; again for more",
      (label: string, before: readonly string[]) => [...before, given(label)],
      [],
    )
    .option("--no-labels", "of update: remove all labels")
    .option("--sort <order>", "of list: stored_at, size_bytes or sha256, with desc for the largest first")
    .option("--tenant <name>", "those of this tenant")
    .option("--json", "print one JSON object per source")
    .option("-q, --quiet", "show no progress")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .addHelpText("after", EXAMPLES)
    .action(async (action: string, what: string[], flags: SourcesFlags) => {
      const { sourcesCommand } = await import("./sources-command.js");
      exit(await sourcesCommand(action, what, flags, terminal));
    });
}

function given(label: string): string {
  if (label.trim() !== "") return label;
  throw new InvalidArgumentError("A label has at least one character.");
}

const EXAMPLES = `
A batch names a source of the server by its hash: source: {sha256: 3fa9..., name: clip.mp4}.
A source that a batch uses can be deleted after that batch.

Examples:
  polyreel sources put clip.mp4 music.mp3 --title "Spring sale" --label ads
  polyreel sources list --label ads --sort "size_bytes desc"
  polyreel sources show 3fa91c04
  polyreel sources update 3fa91c04 --title "Summer sale" --no-labels
  polyreel sources delete 3fa91c04
  polyreel sources list --json | jq -r 'select(.sizeBytes > 1e9) | .sha256'
`;
