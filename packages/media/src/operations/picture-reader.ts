import { sourceError } from "@polyreel/platform";
import { changingLayers } from "../clip/changing-filters.js";
import type { Size } from "../clip/geometry.js";
import { deinterlaced, scaled } from "../clip/picture-filters.js";
import { decoderOf, mediaInput } from "../clip/scene.js";
import { type Seek, seekTo } from "../clip/seek.js";
import { changesShape } from "../clip/shape-watch.js";
import { afterSeek } from "../clip/timing-filters.js";
import { runFfmpeg } from "../ffmpeg/run.js";
import { BYTES_PER_PIXEL, type Picture } from "../frames/picture.js";
import type { Candidate } from "../frames/picture-quality.js";
import type { Probe, VideoProbe } from "../probe/parse.js";
import { movedParts } from "../probe/restarts.js";
import { type CandidateTimes, NEXT_SECONDS } from "./candidate-times.js";
import { TIME_TOLERANCE_SECONDS } from "./frame-on-screen.js";

/**
 * In long films a decoder is started per picture; otherwise one decodes everything. Beyond this distance seeking is
 * cheaper.
 */
const SEEK_EACH_SECONDS = 20;
/** The same for candidates of the best picture, which are small: seeking is most of their work. */
const SEEK_EACH_CANDIDATE_SECONDS = 4;
/** The last picture is searched for from this long before the end. */
const TAIL_SECONDS = 2;
/** Allows decoding hours of video that must be read from the beginning. */
const DEADLINE_SECONDS = 3600;

export const UNUSABLE = {
  reason: "ffmpeg cannot process the file's pictures.",
  remedy: "Convert it first: a video to H.264 in MP4, a still to PNG. The service's log has what ffmpeg reported.",
};

/** Reads pictures of one source in one size. */
export class PictureReader {
  #found: Promise<Picture> | undefined;

  constructor(
    private readonly path: string,
    private readonly probe: Probe,
    private readonly picture: VideoProbe,
    private readonly size: Size,
    private readonly signal: AbortSignal,
  ) {}

  async at(atSeconds: number): Promise<Picture> {
    const { still, durationSeconds } = this.picture;
    if (still || atSeconds < durationSeconds) {
      // Whole seconds are exact in every time base; other times would be rounded by ffmpeg, and pictures could be
      // missed.
      const from = still ? 0 : Math.floor(atSeconds);
      const seek = seekTo(from, this.probe);
      const [shown] = await this.#pictures(seek, still ? FIRST : shownAt(seek.startSeconds + atSeconds - from, 1, 1));
      if (shown) return shown;
    }
    return this.#last();
  }

  /** From the middle of each of `count` intervals; the last one may end with the source. */
  async apart({
    count,
    stepSeconds: step,
  }: {
    readonly count: number;
    readonly stepSeconds: number;
  }): Promise<Picture[]> {
    if (step === 0) return Array.from<Picture>({ length: count }).fill(await this.at(0));
    const rest = this.picture.durationSeconds - (count - 1) * step;
    // Equal to a step but for rounding.
    const isCut = rest < 0.999 * step;
    const lastAt = (count - 1) * step + (isCut ? rest / 2 : step / 2);
    const pictures: Picture[] = [];
    if (step > SEEK_EACH_SECONDS && !this.probe.restarts) {
      for (let i = 0; i < count - 1; i++) pictures.push(await this.at((i + 0.5) * step));
      return [...pictures, await this.at(lastAt)];
    }
    const whole = isCut ? count - 1 : count;
    if (whole > 0) pictures.push(...(await this.#pictures(seekTo(0, this.probe), shownAt(step / 2, 1 / step, whole))));
    if (isCut && pictures.length === whole) pictures.push(await this.at(lastAt));
    // A source may end a little before its declared end.
    const last = pictures.at(-1) ?? (await this.#last());
    while (pictures.length < count) pictures.push(last);
    return pictures;
  }

  /**
   * Pictures with the ones shortly after them, in the order of their times; fewer if the source ends before its declared
   * end. Neighbouring ones are decoded by one program.
   */
  async candidates({ startSeconds, steps }: CandidateTimes): Promise<Candidate[]> {
    const last = steps.at(-1) ?? 0;
    const near = last * NEXT_SECONDS <= steps.length * SEEK_EACH_CANDIDATE_SECONDS;
    const runs = near || this.probe.restarts ? [steps] : steps.map((step) => [step]);
    const found: Candidate[] = [];
    for (const [i, run] of runs.entries()) {
      const first = run[0] ?? 0;
      const seconds = startSeconds + first * NEXT_SECONDS;
      const seek = seekTo(Math.floor(seconds), this.probe);
      const from = seek.startSeconds + seconds - Math.floor(seconds);
      const chosen = run.map((step) => `between(n\\,${step - first}\\,${step - first + 1})`).join("+");
      const pictures = await this.#pictures(seek, [
        ...shownAt(from, 1 / NEXT_SECONDS, (run.at(-1) ?? 0) - first + 2),
        `select='${chosen}'`,
      ]);
      for (let at = 0; at < pictures.length; at += 2) {
        const picture = pictures[at] as Picture;
        found.push({ picture, next: pictures[at + 1] ?? picture });
      }
      if (found.length <= i) break;
    }
    return found;
  }

  /** Searched for once: a header may claim a duration of years. */
  #last(): Promise<Picture> {
    this.#found ??= this.#findLast();
    return this.#found;
  }

  /** Counts the pictures first: the known end of a source may be off by some of them. */
  async #findLast(): Promise<Picture> {
    for (const from of [Math.max(0, this.picture.durationSeconds - TAIL_SECONDS), 0]) {
      const seek = seekTo(from, this.probe);
      const count = await this.#count(seek);
      const [last] = count > 0 ? await this.#pictures(seek, [`select='eq(n,${count - 1})'`]) : [];
      if (last) return last;
    }
    throw sourceError(UNUSABLE);
  }

  /** Decodes from a seek position the pictures that the filters `chosen` select. */
  async #pictures(seek: Seek, chosen: readonly string[]): Promise<Picture[]> {
    const { size, picture } = this;
    let changes = false;
    const read = (graph: string) =>
      this.#run(seek, `${graph},${RGBA}[out]`, "rgba", (line) => {
        changes ||= changesShape(line);
      });
    const first = `[0:V:0]${[...this.#frames(seek), ...chosen].join(",")}`;
    let all = await read(`${first},${scaled({ scaled: size, x: 0, y: 0 }, picture, "444").join(",")}`);
    if (changes) {
      // A picture of another shape than the first one's keeps it, on black.
      const placing = { picture, fit: "contain", canvas: size, background: { colour: "", still: undefined } };
      const labels = { source: "[chosen]", to: "[placed]", name: (what: string) => `[${what}]` };
      all = await read([`${first}[chosen]`, ...changingLayers(placing, labels), "[placed]setsar=1"].join(";"));
    }
    const pictureBytes = size.width * size.height * BYTES_PER_PIXEL;
    return Array.from({ length: Math.floor(all.length / pictureBytes) }, (_, i) => ({
      ...size,
      data: all.subarray(i * pictureBytes, (i + 1) * pictureBytes),
    }));
  }

  async #count(seek: Seek): Promise<number> {
    const graph = `[0:V:0]${[...this.#frames(seek), "scale=w=1:h=1", "format=gray"].join(",")}[out]`;
    return (await this.#run(seek, graph, "gray")).length;
  }

  /** All pictures from a seek position, at their times. */
  #frames(seek: Seek): string[] {
    const { restarts } = this.probe;
    return [
      ...(restarts ? [movedParts("setpts", restarts)] : []),
      ...deinterlaced(this.picture),
      // Microseconds: in a time base of frames times would be rounded.
      "settb=1/1000000",
      `setpts=${afterSeek(seek)}`,
    ];
  }

  async #run(seek: Seek, graph: string, pixels: string, onMessage?: (line: string) => void): Promise<Buffer> {
    const chunks: Buffer[] = [];
    const ownClock = this.probe.restarts !== undefined || seek.clockSeconds !== undefined;
    await runFfmpeg({
      inputs: [
        await mediaInput(this.path, 1, [
          ...decoderOf(this.picture),
          ...seek.inputOptions,
          ...(ownClock ? ["-copyts"] : []),
        ]),
      ],
      filterComplex: graph,
      filterThreads: 1,
      outputs: [
        {
          stdout: true,
          options: ["-map", "[out]", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", pixels],
        },
      ],
      onStdout: (chunk) => {
        chunks.push(chunk);
      },
      ...(onMessage && { onMessage }),
      signal: this.signal,
      deadlineSeconds: DEADLINE_SECONDS,
      maxOutputBytes: MAX_BYTES,
    });
    return Buffer.concat(chunks);
  }
}

/** Limit for all pictures of one run, the size of the largest contact sheet. */
const MAX_BYTES = 512 << 20;

const FIRST = ["trim=end_frame=1"];

/**
 * Selects the pictures on screen at `startSeconds` and at a fixed rate from there: rounding up maps a picture's time to
 * the first sampling time at which it is on screen.
 */
const shownAt = (startSeconds: number, perSecond: number, count: number): string[] => [
  `fps=fps=${perSecond.toFixed(9)}:start_time=${(startSeconds + TIME_TOLERANCE_SECONDS).toFixed(6)}:round=up`,
  `trim=end_frame=${count}`,
];

const RGBA = "scale=flags=bicubic+accurate_rnd+full_chroma_int+bitexact:in_color_matrix=bt709:in_range=tv,format=rgba";
