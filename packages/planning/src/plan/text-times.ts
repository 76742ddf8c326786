import type { Batch, Format, TextBlock } from "@polyreel/contract";
import { framesToSeconds, secondsToFrames } from "@polyreel/media/clip";
import { PolyreelError } from "@polyreel/platform";
import type { Picked } from "./identity.js";
import { inSeconds, secondsOf } from "./stretch.js";
import type { ClipSpan } from "./timeline.js";

/** When a text is shown, in frames of the timeline; `to` is exclusive. */
export interface FrameRange {
  readonly from: number;
  readonly to: number;
}

/** A clip of a combination, by the index of its block. */
export interface CoveredClip {
  readonly block: number;
  readonly span: ClipSpan;
  /** Held after its end. */
  readonly holdFrames: number;
}

interface TimedText {
  readonly index: number;
  readonly name: string;
  readonly style: TextBlock;
  readonly over: ReadonlySet<number>;
}

export const isTimedText = ({ start, duration }: TextBlock): boolean => start !== undefined || duration !== undefined;

/** The times of texts with a start or duration, which count from the first clip that such a text covers. */
export class TextTimes {
  readonly #texts: readonly TimedText[];

  constructor({ blocks }: Batch) {
    const indexOf = new Map(blocks.map(({ name }, index) => [name, index]));
    this.#texts = blocks.flatMap(({ name, kind }, index) =>
      kind.case === "text" && isTimedText(kind.value)
        ? [{ index, name, style: kind.value, over: new Set(kind.value.over.map((block) => indexOf.get(block) ?? -1)) }]
        : [],
    );
  }

  /** By index of the text's block. Throws PolyreelError `invalid` for a text that would never be seen. */
  of({ positions }: Picked, clips: readonly CoveredClip[], format: Format): ReadonlyMap<number, FrameRange> {
    const times = new Map<number, FrameRange>();
    for (const text of this.#texts) {
      const choice = text.style.choices[positions[text.index] ?? 0];
      const covered = clips.filter(({ block }) => text.over.has(block));
      if (covered.length === 0 || !choice || choice.text.trim() === "") continue;
      const range = rangeOf(text.style, covered, format);
      if (!covered.some((clip) => isShownIn(range, clip)))
        throw unseen(text.name, choice.label, range, covered, format);
      times.set(text.index, range);
    }
    return times;
  }
}

const endOf = ({ span, holdFrames }: Omit<CoveredClip, "block">): number => span.start + span.frames + holdFrames;

/** Whole frames, at least one, and none after the last clip that it covers: so it fades out there at the latest. */
function rangeOf({ start, duration }: TextBlock, covered: readonly CoveredClip[], format: Format): FrameRange {
  const from = (covered[0]?.span.start ?? 0) + secondsToFrames(secondsOf(start), format);
  const end = Math.max(...covered.map(endOf));
  const frames = duration ? Math.max(1, secondsToFrames(secondsOf(duration), format)) : Number.POSITIVE_INFINITY;
  return { from, to: Math.min(from + frames, end) };
}

/** Whether a text is visible in a clip. */
export const isShownIn = ({ from, to }: FrameRange, clip: Omit<CoveredClip, "block">): boolean =>
  Math.max(from, clip.span.start) < Math.min(to, endOf(clip));

function unseen(
  block: string,
  choice: string,
  { from }: FrameRange,
  covered: readonly CoveredClip[],
  format: Format,
): PolyreelError {
  const at = (frames: number) => inSeconds(framesToSeconds(frames, format));
  const shown = covered.map((clip) => `${at(clip.span.start)} to ${at(endOf(clip))}`).join(", ");
  return new PolyreelError("invalid", {
    block,
    choice,
    reason: `The text would appear at ${at(from)} of the video, but what it covers is shown from ${shown}.`,
    remedy: "Start it earlier, or let it cover more.",
  });
}

/** What a clip needs to know of a text's times, in its own frames: what does not change it is left out. */
export interface TimesInClip {
  readonly from?: number;
  readonly to?: number;
  readonly fadeIn: number;
  readonly fadeOut: number;
}

/** Times in a clip that shows the text. Without those outside, so that a clip is the same wherever it begins. */
export function timesIn({ from, to }: FrameRange, style: TextBlock, clip: Omit<CoveredClip, "block">, format: Format) {
  const start = clip.span.start;
  const [fadeIn, fadeOut] = [style.fadeIn, style.fadeOut].map((fade) => secondsToFrames(secondsOf(fade), format));
  const isWholeBefore = from + (fadeIn ?? 0) <= start;
  const isWholeAfter = to - (fadeOut ?? 0) >= endOf(clip);
  const times: TimesInClip = {
    ...(isWholeBefore ? { fadeIn: 0 } : { from: from - start, fadeIn: fadeIn ?? 0 }),
    ...(isWholeAfter ? { fadeOut: 0 } : { to: to - start, fadeOut: fadeOut ?? 0 }),
  };
  return times;
}
