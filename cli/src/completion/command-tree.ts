import type { Argument, Command, Option } from "commander";

/** What a flag's value or an argument is completed with. */
export type Value =
  | { readonly kind: "words"; readonly name: string; readonly words: readonly string[] }
  | { readonly kind: "batch file" | "folder" | "path" | "unknown"; readonly name: string };

export interface Flag {
  /** `-o`; undefined where it has no short form. */
  readonly short: string | undefined;
  /** `--out` */
  readonly long: string;
  readonly description: string;
  /** Undefined for what is on or off. */
  readonly value: Value | undefined;
  /** May be given several times. */
  readonly repeated: boolean;
}

/** A command as far as completing it needs. */
export interface CommandShape {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly Flag[];
  /** What its arguments are: in every command they are all of one kind. Undefined where it has none. */
  readonly value: Value | undefined;
}

/** The program's own flags and its commands, as `--help` lists them. */
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

/** What a value is, by what is allowed for it, or by the name that help shows. */
function valueFor({ argChoices }: Option | Argument, name: string): Value {
  if (argChoices) return wordsOf(name, argChoices);
  if (name.endsWith(".yaml")) return { kind: "batch file", name };
  if (name === "folder") return { kind: "folder", name };
  if (name === "path" || name === "file") return { kind: "path", name };
  return { kind: "unknown", name };
}

const wordsOf = (name: string, words: readonly string[]): Value => ({ kind: "words", name, words });
