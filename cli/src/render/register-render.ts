import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";
import { withBatchFile, withSample, withStore } from "../flags/batch-flags.js";
import { type FolderFlags, withFolderFlags } from "../flags/folder-flag.js";

interface RenderFlags extends FolderFlags {
  out: string;
  store: string;
  sample?: number;
  json?: true;
  quiet?: true;
}

export function registerRender(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = withBatchFile(
    program.command("render").description("make every combination of a batch here and now"),
  ).option("-o, --out <folder>", "where the videos go", "videos");
  withFolderFlags(withSample(withStore(command, config)))
    .option("--json", "end with one JSON object on standard output")
    .option("-q, --quiet", "show no progress")
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, flags: RenderFlags) => {
      const { renderCommand } = await import("./render-command.js");
      exit(await renderCommand({ file, ...flags, logLevel: config.logLevel }, terminal));
    });
}

const EXAMPLES = `
Examples:
  polyreel render batch.yaml
  polyreel render batch.yaml --out spring
  polyreel render batch.yaml --out videos --sample 10   a sample, to look at first
  polyreel render batch.yaml --out videos --prune       and nothing there that it made before and has no more
  polyreel render batch.yaml --out videos --json --quiet | jq '.outputs[].file'
  POLYREEL_STORE=/mnt/fast/polyreel polyreel render batch.yaml -o videos

Exit codes:
  0    every combination is delivered
  1    some combinations failed: the summary says why, the others are delivered
  2    wrong usage, a wrong batch file, or something missing that has to be there (nats-server, ffmpeg)
  130  stopped by Ctrl-C: what was delivered stays
`;
