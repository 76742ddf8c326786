import type { Command } from "commander";
import { type CommandShape, type Flag, treeOf, type Value } from "./command-tree.js";

/** Completion script for zsh: source it, or put it into a folder of $fpath. */
export function zshCompletion(program: Command): string {
  const { name, commands, flags } = treeOf(program);
  return `#compdef ${name}
# Completes ${name} in zsh. Load it after compinit with: source <(${name} completion zsh)

_${name}() {
  local -a commands=(
${commands.map((command) => `    ${quote(`${command.name}:${command.description}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )); then
    if [[ $words[2] == -* ]]; then
      _arguments ${flags.map(flagSpec).join(" ")}
    else
      _describe command commands
    fi
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(commandCase).join("\n")}
  esac
}

if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

const commandCase = ({ name, flags, value }: CommandShape): string => {
  const specs = [...flags.map(flagSpec), ...(value ? [quote(`*${valueSpec(value)}`)] : [])];
  return `    ${name})\n      _arguments -s ${specs.join(" \\\n        ")}\n      ;;`;
};

/** In the syntax of _arguments: '(-o --out)'{-o+,--out=}'[where the videos go]:folder:_files -/' */
function flagSpec({ short, long, description, value, repeated }: Flag): string {
  const names = [...(short ? [`${short}${value ? "+" : ""}`] : []), `${long}${value ? "=" : ""}`];
  const once = short ? `(${short} ${long})` : "";
  const details = quote(`[${escapeSpec(description)}]${value ? valueSpec(value) : ""}`);
  const alternatives = names.length > 1 ? `{${names.join(",")}}` : names.join("");
  return `${quote(repeated ? "*" : once)}${alternatives}${details}`;
}

const valueSpec = (value: Value): string => `:${escapeSpec(value.name)}:${actionOf(value)}`;

function actionOf(value: Value): string {
  switch (value.kind) {
    case "words":
      return `(${value.words.join(" ")})`;
    case "batch file":
      return '_files -g "*.y(a|)ml(-.)"';
    case "folder":
      return "_files -/";
    case "path":
      return "_files";
    case "unknown":
      return " ";
  }
}

const escapeSpec = (text: string): string => text.replace(/[\\[\]:]/g, "\\$&");

const quote = (text: string): string => (text === "" ? "" : `'${text.replaceAll("'", "'\\''")}'`);
