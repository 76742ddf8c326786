/** Longer lines do not come from ffmpeg. */
const MAX_LINE = 1 << 16;

/** Splits a program's output into lines, buffering only the incomplete one. */
export class LineReader {
  #rest = "";

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString("latin1")).split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, MAX_LINE);
    for (const line of lines) this.onLine(line);
  }

  /** Text after the last line break is a line too. */
  end(): void {
    if (this.#rest) this.onLine(this.#rest);
    this.#rest = "";
  }
}
