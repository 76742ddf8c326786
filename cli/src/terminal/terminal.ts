import { styleText } from "node:util";
import type { CliConfig } from "../config.js";
import { PinnedLines } from "./pinned-lines.js";
import { visible } from "./visible.js";

type Style = Parameters<typeof styleText>[0];

/** Where the command writes: results to standard output, everything else to standard error. */
export interface Terminal {
  /** Writes a result. Resolves when there is room for more. */
  print(text: string): Promise<void>;
  /** Whoever read the results has gone away (`| head`): what is printed now is read by nobody. */
  readonly unread: boolean;
  /** Writes progress, notes and errors, in whole lines. */
  note(text: string): void;
  /** Keeps lines below all notes, in place of those before; only where it is `live`. */
  pin(lines: readonly string[]): void;
  /** Leaves the last of them where they are. */
  unpin(): void;
  /** Colours for what is noted; the text as it is where there are none. */
  paint(style: Style, text: string): string;
  /** The same for what is printed. */
  paintResult(style: Style, text: string): string;
  /** Notes go to a terminal whose cursor can move, and nothing else does. */
  readonly live: boolean;
  readonly columns: number;
}

export function openTerminal(config: CliConfig): Terminal {
  const { stdout, stderr } = process;
  // A reader that goes away (`| head`) ends the command's output, not the command: it may have work to put in order.
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
    get unread() {
      return gone;
    },
    note: (text) => pinned.above(shown(stderr, text)),
    pin: (lines) => pinned.draw(lines.map((line) => shown(stderr, line))),
    unpin: () => pinned.release(),
    paint: painter(stderr),
    paintResult: painter(stdout),
    // A log of services would run into lines that are drawn over.
    live: Boolean(stderr.isTTY) && !config.dumbTerminal && config.logLevel === "silent",
    get columns() {
      return stderr.columns || 80;
    },
  };
}
