/** What ffmpeg has written so far. */
export interface FfmpegProgress {
  outTimeSeconds: number;
  frames: number;
  /** Of the first output. */
  bytes: number;
}

/**
 * Parses the output of `-progress`: lines of `key=value` in blocks, each closed by `progress=continue` or
 * `progress=end`. Values that ffmpeg does not know yet ("N/A", or the smallest integer) keep their previous value.
 */
export class ProgressReader {
  readonly #now: FfmpegProgress = { outTimeSeconds: 0, frames: 0, bytes: 0 };
  #rest = "";
  #moved = false;

  get now(): FfmpegProgress {
    return { ...this.#now };
  }

  /** Parses some text; true if a block was completed and something changed since the last one. */
  push(text: string): boolean {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    let changed = false;
    for (const line of lines) {
      const [key = "", value = ""] = line.trim().split("=");
      if (key === "progress") {
        changed ||= this.#moved;
        this.#moved = false;
      } else if (key === "out_time_us") this.#raise("outTimeSeconds", Number(value) / 1e6);
      else if (key === "frame") this.#raise("frames", Number(value));
      else if (key === "total_size") this.#raise("bytes", Number(value));
    }
    return changed;
  }

  #raise(what: keyof FfmpegProgress, value: number): void {
    if (!(value > this.#now[what])) return;
    this.#now[what] = value;
    this.#moved = true;
  }
}
