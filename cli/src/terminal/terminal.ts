import { styleText } from "node:util";
import type { CliConfig } from "../config.js";

type Style = Parameters<typeof styleText>[0];

/** Where the command writes: results to standard output, everything else to standard error. */
export interface Terminal {
  /** Writes a result. Resolves when there is room for more. */
  print(text: string): Promise<void>;
  /** Writes progress, notes and errors. */
  note(text: string): void;
  /** Colours for what is noted; the text as it is where there are none. */
  paint(style: Style, text: string): string;
  /** The same for what is printed. */
  paintResult(style: Style, text: string): string;
  /** Notes go to a terminal whose cursor can move. */
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
  const painter = (stream: NodeJS.WriteStream) => {
    const colors = Boolean(stream.isTTY) && config.colors && !config.dumbTerminal;
    return (style: Style, text: string) => (colors ? styleText(style, text) : text);
  };
  return {
    print: (text) =>
      new Promise((done) => {
        if (gone) done();
        else stdout.write(text, () => done());
      }),
    note: (text) => void stderr.write(text),
    paint: painter(stderr),
    paintResult: painter(stdout),
    live: Boolean(stderr.isTTY) && !config.dumbTerminal,
    get columns() {
      return stderr.columns || 80;
    },
  };
}
