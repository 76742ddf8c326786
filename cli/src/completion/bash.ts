import type { Command } from "commander";
import { type CommandShape, type Flag, treeOf, type Value } from "./command-tree.js";

/** Completion script for bash 3.2 and later; needs no bash-completion. */
export function bashCompletion(program: Command): string {
  const { name, commands, flags } = treeOf(program);
  const first = [...commands.map((command) => command.name), ...spellings(flags)].join(" ");
  return `# Completes ${name} in bash. Load it with: source <(${name} completion bash)

_${name}_take() {
  local one
  while IFS= read -r one; do COMPREPLY+=("$one"); done
}

_${name}_words() { _${name}_take < <(compgen -W "$1" -- "$word"); }

_${name}_files() {
  compopt -o filenames 2>/dev/null
  _${name}_take < <(compgen "$@" -- "$word")
}

_${name}_batch_files() {
  _${name}_files -d
  _${name}_files -f -X '!*.y*ml'
}

_${name}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    _${name}_words "${first}"
    return
  fi
  # "--out=x" comes as three words.
  [ "$before" = "=" ] && before=\${COMP_WORDS[COMP_CWORD - 2]}
  [ "$word" = "=" ] && word=
  case "$command $before" in
${commands.flatMap((command) => valueCases(command, name)).join("\n")}
    *)
      case "$command $word" in
${commands.flatMap((command) => wordCases(command, name)).join("\n")}
      esac
      ;;
  esac
}

complete -F _${name} ${name}
`;
}

/** Completions of a flag's value. */
const valueCases = ({ name, flags }: CommandShape, program: string): string[] =>
  flags.flatMap((flag) => {
    if (!flag.value) return [];
    const patterns = spellings([flag]).map((one) => `"${name} ${one}"`);
    return [`    ${patterns.join(" | ")}) ${actionOf(flag.value, program)} ;;`];
  });

/** Completions of any other word: a flag or an argument. */
const wordCases = ({ name, flags, value }: CommandShape, program: string): string[] => [
  `        "${name} -"*) _${program}_words "${spellings(flags).join(" ")}" ;;`,
  ...(value ? [`        "${name} "*) ${actionOf(value, program)} ;;`] : []),
];

const spellings = (flags: readonly Flag[]): string[] =>
  flags.flatMap(({ long, short }) => (short ? [long, short] : [long]));

function actionOf(value: Value, program: string): string {
  switch (value.kind) {
    case "words":
      return `_${program}_words "${value.words.join(" ")}"`;
    case "batch file":
      return `_${program}_batch_files`;
    case "folder":
      return `_${program}_files -d`;
    case "path":
      return `_${program}_files -f`;
    case "unknown":
      return ":";
  }
}
