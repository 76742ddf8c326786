const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";

/** Lines that stay at the bottom of a terminal, below all other output, and are redrawn in place. */
export class PinnedLines {
  #lines: readonly string[] = [];

  /** @param write writes to the terminal, whose cursor is at the beginning of a line at first. */
  constructor(private readonly write: (text: string) => void) {}

  /** Replaces the pinned lines. None may be wider than the terminal. */
  draw(lines: readonly string[]): void {
    const cursor = this.#lines.length === 0 && lines.length > 0 ? HIDE_CURSOR : "";
    this.write(cursor + this.#erase() + joined(lines));
    this.#lines = lines;
  }

  /** Writes text, which must end with a line feed, above them. */
  above(text: string): void {
    this.write(this.#erase() + text + joined(this.#lines));
  }

  /** Leaves the lines where they are; later output goes below. */
  release(): void {
    if (this.#lines.length > 0) this.write(SHOW_CURSOR);
    this.#lines = [];
  }

  /** Moves up over the lines and erases everything below, including what the user typed ("^C"). */
  #erase(): string {
    return this.#lines.length > 0 ? `\x1b[${this.#lines.length}A\r\x1b[J` : "";
  }
}

const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
