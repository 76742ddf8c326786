/** A line longer than this is none of ffmpeg's. */
const MAX_LINE = 1 << 16;

/** Cuts what a program writes into lines, holding no more than the one that is not complete yet. */
export class LineReader {
  #rest = "";

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString("latin1")).split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, MAX_LINE);
    for (const line of lines) this.onLine(line);
  }

  /** What follows the last line break is a line too. */
  end(): void {
    if (this.#rest) this.onLine(this.#rest);
    this.#rest = "";
  }
}
