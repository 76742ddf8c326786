import { styleText } from "node:util";
import type { CliConfig } from "../config.js";
import { PinnedLines } from "./pinned-lines.js";
import { visible } from "./visible.js";

type Style = Parameters<typeof styleText>[0];

/** The command's output: results go to standard output, everything else to standard error. */
export interface Terminal {
  /** Writes a result. Resolves when the stream accepts more. */
  print(text: string): Promise<void>;
  /** The reader of the results is gone (`| head`), so further results are discarded. */
  readonly discarded: boolean;
  /** Writes progress, notes and errors, in whole lines. */
  note(text: string): void;
  /** Replaces the pinned lines, which stay below all notes; only if `live`. */
  pin(lines: readonly string[]): void;
  /** Leaves the pinned lines where they are. */
  unpin(): void;
  /** Colours text for notes; returns it unchanged if colours are off. */
  paint(style: Style, text: string): string;
  /** Colours text for results. */
  paintResult(style: Style, text: string): string;
  /** Notes go to a terminal with a movable cursor, and to nothing else. */
  readonly live: boolean;
  readonly columns: number;
}

export function openTerminal(config: CliConfig): Terminal {
  const { stdout, stderr } = process;
  // A closed pipe (`| head`) must not end the command, which may have work to clean up.
  let gone = false;
  stdout.on("error", () => {
    gone = true;
  });
  stderr.on("error", () => {});
  const pinned = new PinnedLines((text) => void stderr.write(text));
  const coloured = (stream: NodeJS.WriteStream) => Boolean(stream.isTTY) && config.colors && !config.dumbTerminal;
  const painter = (stream: NodeJS.WriteStream) => {
    const colours = coloured(stream);
    return (style: Style, text: string) => (colours ? styleText(style, text) : text);
  };
  const shown = (stream: NodeJS.WriteStream, text: string) => visible(text, { colours: coloured(stream) });
  return {
    print: (text) =>
      new Promise((done) => {
        if (gone) done();
        else stdout.write(shown(stdout, text), () => done());
      }),
    get discarded() {
      return gone;
    },
    note: (text) => pinned.above(shown(stderr, text)),
    pin: (lines) => pinned.draw(lines.map((line) => shown(stderr, line))),
    unpin: () => pinned.release(),
    paint: painter(stderr),
    paintResult: painter(stdout),
    // Service logs would be mixed with lines that are redrawn.
    live: Boolean(stderr.isTTY) && !config.dumbTerminal && config.logLevel === "silent",
    get columns() {
      return stderr.columns || 80;
    },
  };
}
