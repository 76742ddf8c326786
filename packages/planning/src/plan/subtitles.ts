import { create } from "@bufbuild/protobuf";
import { type SubtitleCue, SubtitleCueSchema } from "@polyreel/contract";
import { captionCues, stackedCues, timedCues } from "@polyreel/media/operations";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { PolyreelError } from "@polyreel/platform";
import { MAX_SUBTITLE_BYTES } from "@polyreel/spec/checks";
import { Memo } from "./memo.js";
import type { SpokenSpan } from "./timeline.js";
import { wordsKey, wordsOf } from "./word-times.js";

/** Per generation of the memo, each about 2 KB. */
const CUES_KEPT = 10_000;

/** The subtitles of combinations: of all speech, with each voice block as a speaker. */
export class Subtitles {
  readonly #cues = new Memo<SubtitleCue[]>(CUES_KEPT);

  /** `outputs`: number of a combination's outputs that show them. */
  constructor(private readonly outputs = 1) {}

  /** Throws PolyreelError `invalid` if the words of recordings, which only now are known, are too many for its message. */
  of(spoken: readonly SpokenSpan[], videoSeconds: number): SubtitleCue[] {
    const key = `${spoken.map(wordsKey).join()} ${videoSeconds}`;
    const cues = this.#cues.get(key, () => cuesOf(spoken, videoSeconds));
    const bytes = cues.reduce((sum, { lines }) => sum + Buffer.byteLength(lines.join("")), 0);
    if (bytes * this.outputs > MAX_SUBTITLE_BYTES) throw tooLong(bytes);
    return cues;
  }
}

const tooLong = (bytes: number): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `The subtitles have ${bytes} bytes of text; ${MAX_SUBTITLE_BYTES} are possible in all subtitles of a video.`,
    remedy: "Use shorter recordings, or make subtitles of fewer formats.",
  });

function cuesOf(spoken: readonly SpokenSpan[], videoSeconds: number): SubtitleCue[] {
  const blocks = [...new Set(spoken.map(({ block }) => block))];
  const speakers = blocks.map((block) => {
    const lines = spoken
      .filter((span) => span.block === block)
      .map(({ line, start }) => ({ startSeconds: start / SAMPLE_RATE, words: wordsOf(line) }));
    return timedCues(captionCues(lines, videoSeconds));
  });
  return stackedCues(speakers).map((cue) => create(SubtitleCueSchema, cue));
}
