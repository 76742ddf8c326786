import type { Command } from "commander";
import { type CommandShape, type Flag, treeOf, type Value } from "./command-tree.js";

/** Completion script for fish. */
export function fishCompletion(program: Command): string {
  const { name, commands, flags } = treeOf(program);
  const complete = `complete -c ${name}`;
  const first = `${complete} -n __fish_use_subcommand`;
  return [
    `# Completes ${name} in fish. Load it with: ${name} completion fish | source`,
    `${complete} -f`,
    ...flags.map((flag) => `${first} ${flagOptions(flag)}`),
    ...commands.map((command) => `${first} -a ${command.name} -d ${quote(command.description)}`),
    ...commands.flatMap((command) => commandLines(command, complete)),
    "",
  ].join("\n");
}

function commandLines({ name, flags, value }: CommandShape, complete: string): string[] {
  const here = `${complete} -n ${quote(`__fish_seen_subcommand_from ${name}`)}`;
  const known = value && value.kind !== "unknown" ? [`${here} ${actionOf(value)}`] : [];
  return [...known, ...flags.map((flag) => `${here} ${flagOptions(flag)}`)];
}

const flagOptions = ({ short, long, description, value }: Flag): string =>
  [
    ...(short ? [`-s ${short.slice(1)}`] : []),
    `-l ${long.slice(2)}`,
    `-d ${quote(description)}`,
    ...(value ? [value.kind === "path" ? "-r" : "-x", actionOf(value)].filter(Boolean) : []),
  ].join(" ");

function actionOf(value: Value): string {
  switch (value.kind) {
    case "words":
      return `-a ${quote(value.words.join(" "))}`;
    case "batch file":
      return "-k -a '(__fish_complete_suffix .yaml .yml)'";
    case "folder":
      return "-a '(__fish_complete_directories)'";
    case "path":
      return "-F";
    case "unknown":
      return "";
  }
}

const quote = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;
