const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";

/** Lines that stay below everything else that is written to a terminal, drawn over in place. */
export class PinnedLines {
  #lines: readonly string[] = [];

  /** @param write takes text for the terminal, whose cursor stands at the beginning of a line at first. */
  constructor(private readonly write: (text: string) => void) {}

  /** Draws lines in place of those that are pinned. None may be wider than the terminal. */
  draw(lines: readonly string[]): void {
    const cursor = this.#lines.length === 0 && lines.length > 0 ? HIDE_CURSOR : "";
    this.write(cursor + this.#erase() + joined(lines));
    this.#lines = lines;
  }

  /** Writes a text, which must end its last line, above them. */
  above(text: string): void {
    this.write(this.#erase() + text + joined(this.#lines));
  }

  /** Leaves them where they are; what is written next comes below. */
  release(): void {
    if (this.#lines.length > 0) this.write(SHOW_CURSOR);
    this.#lines = [];
  }

  /** Up over the lines, and away with all that is below: also with what was typed there meanwhile, as "^C". */
  #erase(): string {
    return this.#lines.length > 0 ? `\x1b[${this.#lines.length}A\r\x1b[J` : "";
  }
}

const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
