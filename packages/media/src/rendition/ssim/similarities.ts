const TIME = /^frame:\d+\s.*\bpts_time:(-?\d+(?:\.\d+)?)/;
/** Of all planes, weighted by their samples. */
const SIMILARITY = /^lavfi\.ssim\.All=(\d+(?:\.\d+)?)/;

/** Reads what `ssimCommand` prints: for each picture its time, then its similarity to one of several others. Pure. */
export class Similarities {
  readonly #highest = new Map<string, number>();
  #time = "";

  push(line: string): void {
    this.#time = TIME.exec(line)?.[1] ?? this.#time;
    const similarity = SIMILARITY.exec(line)?.[1];
    if (similarity === undefined) return;
    this.#highest.set(this.#time, Math.max(this.#highest.get(this.#time) ?? 0, Number(similarity)));
  }

  /** Of each picture the highest. */
  ofPictures(): number[] {
    return [...this.#highest.values()];
  }
}
