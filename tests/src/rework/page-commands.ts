/** A command on a page, with its placeholders filled in. */
export interface Command {
  readonly line: string;
  /** Such as "stream get". */
  readonly words: readonly string[];
  /** The following arguments. */
  readonly args: readonly string[];
  /** By their names without dashes; "" for those without a value. */
  readonly flags: Readonly<Record<string, string>>;
}

const WORDS = 2;

/**
 * The commands of a program in a page's blocks of `sh`, without comments. `fill` maps placeholders such as "<batch
 * id>".
 */
export function commandsOf(page: string, program: string, fill: Readonly<Record<string, string>>): Command[] {
  const blocks = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block);
  const lines = blocks.flatMap((block) => block.split("\n")).filter((line) => line.startsWith(`${program} `));
  return lines.map((line) => {
    const filled = line.replace(/ +# .*$/, "").replace(/<([a-z ]+)>/g, (all, name: string) => fill[name] ?? all);
    return parsed(filled);
  });
}

function parsed(line: string): Command {
  const [, ...parts] = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain = ""]) => quoted ?? plain);
  const args: string[] = [];
  const flags: Record<string, string> = {};
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] ?? "";
    if (!part.startsWith("--")) args.push(part);
    else flags[part.slice(2)] = parts[i + 1]?.startsWith("--") === false ? (parts[++i] ?? "") : "";
  }
  return { line, words: args.slice(0, WORDS), args: args.slice(WORDS), flags };
}
