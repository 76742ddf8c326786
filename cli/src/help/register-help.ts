import { type Command, CommanderError } from "commander";

/** Replaces commander's own command, which prints the whole help for a misspelled name. */
export function registerHelp(program: Command): void {
  program
    .helpCommand(false)
    .command("help [command...]")
    .description("print help for a command")
    .action(async (names: string[]) => {
      let command = program;
      for (const name of names) command = await subcommand(command, name);
      command.outputHelp();
    });
}

async function subcommand(command: Command, name: string): Promise<Command> {
  const found = command.commands.find((one) => one.name() === name || one.aliases().includes(name));
  if (found) return found;
  const { nearest } = await import("@polyreel/spec");
  const meant = nearest(
    name,
    command.commands.map((one) => one.name()),
  );
  const hint = meant ? `\n(Did you mean ${meant}?)` : "";
  throw new CommanderError(1, "commander.unknownCommand", `error: unknown command '${name}'${hint}`);
}
