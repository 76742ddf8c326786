import type { Command } from "commander";
import type { CommandContext } from "../command-context.js";

export function registerOpen(program: Command, { config, terminal }: CommandContext): void {
  program
    .command("open")
    .description("show a folder of videos, or a video, with this machine's own programs")
    .argument("[path]", "a folder, a file, or the address of a video; with a combination the id of its batch", "videos")
    .argument("[combinationId]", "of a video that a server has, written or virtual")
    .option("-s, --server <url>", "the server (POLYREEL_SERVER)", config.serverUrl)
    .addHelpText("after", EXAMPLES)
    .action(async (path: string, combinationId: string | undefined, { server }: { server: string }) => {
      const { openOutput, openPath } = await import("./open.js");
      if (combinationId !== undefined) await openOutput({ batchId: path, combinationId, server }, terminal);
      else await openPath(path, terminal);
    });
}

const EXAMPLES = `
Examples:
  polyreel open
  polyreel open videos/friday_bugs.mp4
  polyreel open b4k2x7q ctmzx5mbqpox
  polyreel open http://127.0.0.1:8080/outputs/b4k2x7q/ctmzx5mbqpox/friday_bugs.mp4
`;
