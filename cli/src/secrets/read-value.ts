import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import type { Terminal } from "../terminal/terminal.js";

/** What the server accepts. */
const MAX_BYTES = 65_536;

/** The value of a secret: standard input to its end, or a line typed at the terminal, which is not shown. */
export async function readValue(name: string, terminal: Terminal): Promise<string> {
  const { stdin } = process;
  const value = stdin.isTTY ? await typed(name, terminal) : await piped();
  if (value.trim() !== "") return value;
  throw usage("The value is empty.", `Write: polyreel secrets set ${name} < file`);
}

async function piped(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES)
      throw usage(`The value is larger than ${MAX_BYTES} bytes.`, "Give the file that has the key.");
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function typed(name: string, terminal: Terminal): Promise<string> {
  terminal.note(`Value of ${name}, which is not shown; end with Enter:\n`);
  // Readline echoes to its output: one that shows nothing.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  const left = new AbortController();
  lines.once("SIGINT", () => left.abort());
  lines.once("close", () => left.abort());
  try {
    return await lines.question("", { signal: left.signal });
  } catch {
    throw usage("No value was given.", "Nothing is changed.");
  } finally {
    lines.close();
  }
}

const usage = (what: string, remedy: string): ProblemsError => new ProblemsError([{ what, remedy }], exitCodes.usage);
