import { create } from "@bufbuild/protobuf";
import { type SubtitleCue, SubtitleCueSchema, type SubtitleTrack, SubtitleTrackSchema } from "@polyreel/contract";
import { MAX_TEXT_BYTES } from "@polyreel/media/join";
import { captionCues, stackedCues, timedCues } from "@polyreel/media/operations";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { PolyreelError } from "@polyreel/platform";
import { writtenIn } from "@polyreel/spec";
import { MAX_SUBTITLE_BYTES } from "@polyreel/spec/checks";
import { Memo } from "./memo.js";
import type { SpokenSpan } from "./timeline.js";
import { wordsIn } from "./translated-words.js";
import { wordsKey } from "./word-times.js";

/** Per generation of the memo, each about 2 KB. */
const CUES_KEPT = 10_000;

/** Several languages (ISO 639-2). */
const MULTIPLE = "mul";

/** The subtitles of combinations: of all speech, with each voice block as a speaker. */
export class Subtitles {
  readonly #cues = new Memo<SubtitleCue[]>(CUES_KEPT);

  /** `outputs`: number of a combination's outputs that show them. */
  constructor(private readonly outputs = 1) {}

  /**
   * In a language of the translations; "": as spoken. Throws PolyreelError `invalid` if the words of recordings, which only now
   * are known, are too many for its message.
   */
  of(spoken: readonly SpokenSpan[], videoSeconds: number, language = ""): SubtitleCue[] {
    const key = `${spoken.map((span) => wordsKey(span, language)).join()} ${videoSeconds} ${language}`;
    const cues = this.#cues.get(key, () => cuesOf(spoken, videoSeconds, language));
    const bytes = cues.reduce((sum, { lines }) => sum + Buffer.byteLength(lines.join("")), 0);
    if (bytes * this.outputs > MAX_SUBTITLE_BYTES) throw tooLong(bytes);
    return cues;
  }

  /**
   * As tracks of the video: as spoken, then in each language of the translations, by its tag; none without speech. A
   * translation that repeats the text only states its language. Throws PolyreelError `invalid` for a text that no track
   * can hold.
   */
  tracks(spoken: readonly SpokenSpan[], videoSeconds: number): SubtitleTrack[] {
    const languages = [...new Set(spoken.flatMap(({ line }) => Object.keys(line.translations)))].sort();
    const own = languages.find((language) => spoken.every(({ line }) => writtenIn(line, language) === line.text));
    const tracks = [
      { language: own ?? spokenLanguage(spoken), cues: this.of(spoken, videoSeconds) },
      ...languages
        .filter((language) => language !== own)
        .map((language) => ({ language, cues: this.of(spoken, videoSeconds, language) })),
    ];
    for (const { cues } of tracks) if (cues.some(isTooLong)) throw TOO_LONG;
    return tracks.filter(({ cues }) => cues.length > 0).map((track) => create(SubtitleTrackSchema, track));
  }
}

const tooLong = (bytes: number): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `The subtitles have ${bytes} bytes of text; ${MAX_SUBTITLE_BYTES} are possible in all subtitles of a video.`,
    remedy: "Use shorter recordings, or make subtitles of fewer formats.",
  });

function cuesOf(spoken: readonly SpokenSpan[], videoSeconds: number, language: string): SubtitleCue[] {
  const blocks = [...new Set(spoken.map(({ block }) => block))];
  const speakers = blocks.map((block) => {
    const lines = spoken
      .filter((span) => span.block === block)
      .map(({ line, start }) => ({ startSeconds: start / SAMPLE_RATE, words: wordsIn(line, language) }));
    return timedCues(captionCues(lines, videoSeconds));
  });
  return stackedCues(speakers).map((cue) => create(SubtitleCueSchema, cue));
}

/** The language of all lines; "": of one of them it is unknown. */
function spokenLanguage(spoken: readonly SpokenSpan[]): string {
  const [first = "", ...others] = new Set(spoken.map(({ line }) => line.language));
  if (others.length === 0) return first;
  return [first, ...others].includes("") ? "" : MULTIPLE;
}

const isTooLong = ({ lines }: SubtitleCue): boolean => Buffer.byteLength(lines.join("\n")) > MAX_TEXT_BYTES;

const TOO_LONG = new PolyreelError("invalid", {
  field: "subtitles",
  reason: `A subtitle has more than ${MAX_TEXT_BYTES} bytes, the most that a track in an MP4 can show at once.`,
  remedy: "Shorten its words, or write the subtitles beside the video.",
});
