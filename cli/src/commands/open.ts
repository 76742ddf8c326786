import type { Command } from "commander";
import type { CommandContext } from "./context.js";

export function registerOpen(program: Command, { terminal }: CommandContext): void {
  program
    .command("open")
    .description("show a folder of videos, or a video, with this machine's own programs")
    .argument("[path]", "a folder or a file", "videos")
    .addHelpText("after", "\nExamples:\n  polyreel open\n  polyreel open videos/friday_bugs.mp4\n")
    .action(async (path: string) => {
      const { openPath } = await import("../open-path.js");
      await openPath(path, terminal);
    });
}
