import { CombinationState } from "@polyreel/contract";
import { type Command, Option } from "commander";
import type { CommandContext } from "../command-context.js";
import { wholeBatch } from "../flags/fetchable.js";
import { type FilterFlags, withFilter } from "../flags/filter.js";

interface FetchFlags extends FilterFlags {
  server: string;
  out: string;
  zip?: string;
  awaiting?: true;
  quiet?: true;
}

export function registerFetch(program: Command, { config, terminal, exit }: CommandContext): void {
  const command = program
    .command("fetch")
    .description("copy finished outputs of a server's batch and its manifests into a folder here")
    .argument("<batchId>", "as submit printed it")
    .argument(
      "[combinationId...]",
      "only these, delivered or waiting for approval; all that have a delivered output where left out",
    )
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .option("-o, --out <folder>", "where the files go", "videos")
    .addOption(new Option("--zip <file>", "one ZIP archive in place of a folder of files").conflicts("out"))
    .option("--awaiting", "outputs that wait for approval, in place of the delivered ones");
  withFilter(command)
    .option("-q, --quiet", "show no progress")
    .addHelpText("after", EXAMPLES)
    .action(async (batchId: string, combinationIds: string[], { awaiting, zip, ...flags }: FetchFlags) => {
      const state = awaiting ? CombinationState.AWAITING_APPROVAL : CombinationState.DELIVERED;
      if (zip !== undefined) {
        if (combinationIds.length > 0) throw wholeBatch("--zip");
        const { fetchArchive } = await import("./fetch-archive.js");
        return exit(await fetchArchive({ batchId, zip, ...flags, state }, terminal));
      }
      const { fetchOutputs } = await import("./fetch.js");
      exit(await fetchOutputs({ batchId, combinationIds, ...flags, state }, terminal));
    });
}

const EXAMPLES = `
Examples:
  polyreel fetch b4k2x7q --out videos
  polyreel fetch b4k2x7q ctmzx5mbqpox dw4lq2pgh3ya
  polyreel fetch b4k2x7q --choice speaker=rms --out rms
  polyreel fetch b4k2x7q --output poster         only the posters
  polyreel fetch b4k2x7q --awaiting --out to-approve
  polyreel fetch b4k2x7q --zip videos.zip        all of them in one archive
`;
