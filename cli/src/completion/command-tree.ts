import type { Argument, Command, Option } from "commander";

/** How a flag's value or an argument is completed. */
export type Value =
  | { readonly kind: "words"; readonly name: string; readonly words: readonly string[] }
  | { readonly kind: "batch file" | "folder" | "path" | "unknown"; readonly name: string };

export interface Flag {
  /** `-o`; undefined if there is no short form. */
  readonly short: string | undefined;
  /** `--out` */
  readonly long: string;
  readonly description: string;
  /** Undefined for a boolean flag. */
  readonly value: Value | undefined;
  /** May be given more than once. */
  readonly repeated: boolean;
}

/** The parts of a command that completion needs. */
export interface CommandShape {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly Flag[];
  /** How arguments are completed: all arguments of a command are of one kind. Undefined if it takes none. */
  readonly value: Value | undefined;
}

/** The program's own flags and its commands, in the order of `--help`. */
export function treeOf(program: Command): CommandShape & { readonly commands: readonly CommandShape[] } {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const names = commands.map((command) => command.name());
  const shapeOf = (command: Command): CommandShape => {
    const argument = command.registeredArguments[0];
    return {
      name: command.name(),
      description: command.description(),
      flags: help.visibleOptions(command).map(flagOf),
      value:
        argument && (argument.name() === "command" ? wordsOf("command", names) : valueFor(argument, argument.name())),
    };
  };
  return { ...shapeOf(program), commands: commands.map(shapeOf) };
}

function flagOf(option: Option): Flag {
  const [, placeholder] = /[<[]([^>\]]+)[>\]]/.exec(option.flags) ?? [];
  return {
    short: option.short,
    long: option.long ?? "",
    description: option.description,
    value: placeholder === undefined ? undefined : valueFor(option, placeholder),
    repeated: Array.isArray(option.defaultValue),
  };
}

/** Derives the kind of value from its allowed choices, or from its name in the help. */
function valueFor({ argChoices }: Option | Argument, name: string): Value {
  if (argChoices) return wordsOf(name, argChoices);
  if (name.endsWith(".yaml")) return { kind: "batch file", name };
  if (name === "folder") return { kind: "folder", name };
  if (name === "path" || name === "file") return { kind: "path", name };
  return { kind: "unknown", name };
}

const wordsOf = (name: string, words: readonly string[]): Value => ({ kind: "words", name, words });
