import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import { withBatchFile, withStore } from "../flags/batch-flags.js";
import { type FilterFlags, withChoices } from "../flags/filter.js";

interface PreviewFlags {
  out: string;
  store: string;
  combination?: string;
  choice: FilterFlags["choice"];
  frames?: true;
  json?: true;
  quiet?: true;
}

export function registerPreview(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = withBatchFile(
    program.command("preview").description("make one combination small, in seconds, to look at first"),
  )
    .option("-o, --out <folder>", "where it goes", "preview")
    .option("--combination <id>", "the one with this id; the first by default");
  withStore(withChoices(command), config)
    .option("--frames", "a contact sheet of each distinct clip instead")
    .option("--json", "end with one JSON object on standard output")
    .option("-q, --quiet", "show no progress")
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, flags: PreviewFlags) => {
      const { previewCommand } = await import("./preview-command.js");
      exit(await previewCommand({ file, ...flags, logLevel: config.logLevel }, terminal));
    });
}

const EXAMPLES = `
Examples:
  polyreel preview batch.yaml
  polyreel preview batch.yaml --choice hook=flower --choice canvas=square
  polyreel preview batch.yaml --combination ctmzx5mbqpox
  polyreel preview batch.yaml --frames                  every hook, body and title, four frames each

The video's shorter side is 360 pixels at most; its texts, sound and length are those of the whole one.
Sheets show clips with the texts over them, without sound and transitions.

Exit codes:
  0    it is made
  1    it failed: the summary says why
  2    wrong usage, a wrong batch file, or something missing that has to be there (nats-server, ffmpeg)
  130  stopped by Ctrl-C
`;
