import { Argument, type Command } from "commander";
import type { CommandContext } from "../command-context.js";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

export function registerCompletion(program: Command, { terminal }: CommandContext): void {
  program
    .command("completion")
    .description("print a script by which a shell completes this command")
    .addArgument(new Argument("<shell>", "for which shell").choices(SHELLS))
    .addHelpText("after", EXAMPLES)
    .action(async (shell: Shell) => {
      const script = {
        bash: async () => (await import("./bash.js")).bashCompletion(program),
        zsh: async () => (await import("./zsh.js")).zshCompletion(program),
        fish: async () => (await import("./fish.js")).fishCompletion(program),
      };
      await terminal.print(await script[shell]());
    });
}

const EXAMPLES = `
Examples (in the file that your shell reads when it starts):
  source <(polyreel completion bash)
  source <(polyreel completion zsh)             after compinit
  polyreel completion fish | source
`;
