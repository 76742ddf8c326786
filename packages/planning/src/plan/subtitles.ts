import { create } from "@bufbuild/protobuf";
import { type SubtitleCue, SubtitleCueSchema } from "@polyreel/contract";
import { captionCues, stackedCues, timedCues } from "@polyreel/media/operations";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { Memo } from "./memo.js";
import type { SpokenSpan } from "./timeline.js";
import { wordsKey, wordsOf } from "./word-times.js";

/** Per generation of the memo, each about 2 KB. */
const CUES_KEPT = 10_000;

/** The subtitles of combinations: of all speech, with each voice block as a speaker. */
export class Subtitles {
  readonly #cues = new Memo<SubtitleCue[]>(CUES_KEPT);

  of(spoken: readonly SpokenSpan[], videoSeconds: number): SubtitleCue[] {
    return this.#cues.get(`${spoken.map(wordsKey).join()} ${videoSeconds}`, () => cuesOf(spoken, videoSeconds));
  }
}

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
