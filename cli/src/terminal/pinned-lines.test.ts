import { expect, it } from "vitest";
import { PinnedLines } from "./pinned-lines.js";

const ESCAPE = "\x1b";
/** The control sequences in use, or single characters. */
const PIECES = new RegExp(`${ESCAPE}\\[\\?25[lh]|${ESCAPE}\\[\\d*[AJ]|.`, "gs");

/** A minimal terminal emulator for these control sequences. */
class Screen {
  lines = [""];
  #row = 0;
  #column = 0;
  cursorShown = true;

  write = (text: string): void => {
    for (const [piece] of text.matchAll(PIECES)) this.#take(piece);
  };

  #take(piece: string): void {
    if (piece === "\x1b[?25l" || piece === "\x1b[?25h") this.cursorShown = piece.endsWith("h");
    else if (piece === "\x1b[J") {
      this.lines.length = this.#row + 1;
      this.lines[this.#row] = (this.lines[this.#row] ?? "").slice(0, this.#column);
    } else if (piece.startsWith("\x1b[")) this.#row -= Number(piece.slice(2, -1));
    else if (piece === "\r") this.#column = 0;
    else if (piece === "\n") {
      this.#row++;
      this.#column = 0;
      this.lines[this.#row] ??= "";
    } else {
      const line = this.lines[this.#row] ?? "";
      this.lines[this.#row] = line.slice(0, this.#column) + piece + line.slice(this.#column + 1);
      this.#column++;
    }
  }
}

it("redraws the lines in place, below everything written meanwhile", () => {
  const screen = new Screen();
  const pinned = new PinnedLines(screen.write);
  pinned.above("batch b4k2x7q\n");
  pinned.draw(["plan   1/9", "clips  0/2"]);
  expect(screen.cursorShown).toBe(false);
  pinned.draw(["plan   9/9", "clips  1/2", "delivered  0/9"]);
  screen.write("^C"); // Echoed by the terminal itself.
  pinned.above("\rStopping\n");
  pinned.draw(["plan   9/9", "clips  2/2"]);
  expect(screen.lines).toEqual(["batch b4k2x7q", "Stopping", "plan   9/9", "clips  2/2", ""]);
});

it("releases the last lines, with the cursor below them", () => {
  const screen = new Screen();
  const pinned = new PinnedLines(screen.write);
  pinned.draw(["clips  2/2"]);
  pinned.release();
  pinned.above("Stopped\n");
  expect(screen.lines).toEqual(["clips  2/2", "Stopped", ""]);
  expect(screen.cursorShown).toBe(true);
});

it("writes only the text if nothing is pinned", () => {
  const written: string[] = [];
  const pinned = new PinnedLines((text) => written.push(text));
  pinned.above("one\n");
  pinned.draw([]);
  pinned.release();
  expect(written.join("")).toBe("one\n");
});
