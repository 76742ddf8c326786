import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";

/** Asks a person for a line at the terminal; what is `hidden` is not shown. Throws ProblemsError if they leave. */
export async function ask(question: string, { hidden = false } = {}): Promise<string> {
  if (hidden) process.stderr.write(question);
  // The editor of lines echoes to its output: to nowhere, for secrets.
  const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr;
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  const left = new AbortController();
  lines.once("SIGINT", () => left.abort());
  lines.once("close", () => left.abort());
  try {
    return await lines.question(hidden ? "" : question, { signal: left.signal });
  } catch {
    throw new ProblemsError([{ what: "Nothing was typed.", remedy: "Run the command again." }], exitCodes.interrupted);
  } finally {
    lines.close();
    if (hidden) process.stderr.write("\n");
  }
}

/** Whether a person can be asked. */
export const canAsk = (): boolean => Boolean(process.stdin.isTTY);

/** Lines of standard input, which is no terminal. */
export async function inputLines(): Promise<string[]> {
  return (await text(process.stdin)).split(/\r?\n/);
}
