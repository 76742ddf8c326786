import { parseArgs } from "node:util";

export interface HarnessRun {
  readonly signal: AbortSignal;
  /** Prints a progress line. */
  readonly print: (line: string) => void;
}

interface Harness<K extends string> {
  /** Printed by `--help`. */
  readonly usage: string;
  /** The options, all whole numbers, with their defaults; undefined: no default. */
  readonly numbers: Readonly<Record<K, number | undefined>>;
  run(numbers: Record<K, number>, run: HarnessRun): Promise<{ report: object; problems: readonly string[] }>;
}

/** Runs a harness as a command: reads its arguments, runs it, prints its report; exit code 1 with findings, 2 on misuse. */
export async function runHarness<K extends string>({ usage, numbers, run }: Harness<K>): Promise<void> {
  const names = Object.keys(numbers) as K[];
  const arguments_ = readArguments(names, usage);
  if (!arguments_) return;
  const { values, json } = arguments_;
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => stop.abort(new Error(`Ended by ${name}.`)));
  }
  const began = performance.now();
  // With --json, standard output carries the report alone.
  const print = json ? console.error : console.log;
  const { report, problems } = await run({ ...numbers, ...values } as Record<K, number>, {
    signal: stop.signal,
    print,
  });
  for (const problem of problems) console.error(problem);
  print(`${((performance.now() - began) / 1000).toFixed(0)} s, ${problems.length} findings`);
  console.log(json ? JSON.stringify(report) : report);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

/** Undefined if there is nothing to run: `--help`, or invalid arguments. */
function readArguments<K extends string>(names: readonly K[], usage: string) {
  try {
    const { values: given } = parseArgs({
      options: {
        ...Object.fromEntries(names.map((name) => [name, { type: "string" as const }])),
        json: { type: "boolean" as const },
        help: { type: "boolean" as const, short: "h" },
      },
    });
    if (given.help) {
      console.log(usage);
      return undefined;
    }
    const values: Partial<Record<K, number>> = {};
    for (const name of names) {
      const text = (given as Record<string, unknown>)[name];
      if (text === undefined) continue;
      const value = Number(text);
      if (!Number.isSafeInteger(value) || value < 0)
        throw new Error(`--${name}: must be a whole number, got "${text}"`);
      values[name] = value;
    }
    return { values, json: given.json === true };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
}
