import { create } from "@bufbuild/protobuf";
import { type SubtitleCue, SubtitleCueSchema, type SubtitleTrack, SubtitleTrackSchema } from "@polyreel/contract";
import { MAX_TEXT_BYTES } from "@polyreel/media/join";
import { captionCues, stackedCues, timedCues } from "@polyreel/media/operations";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { PolyreelError } from "@polyreel/platform";
import { writtenIn } from "@polyreel/spec";
import { Memo } from "./memo.js";
import type { SpokenSpan } from "./timeline.js";
import { wordsIn } from "./translated-words.js";

/** Per generation of the memo, each about 2 KB. */
const CUES_KEPT = 10_000;

/** Several languages (ISO 639-2). */
const MULTIPLE = "mul";

/** The subtitles of combinations: of all speech, with each voice block as a speaker. */
export class Subtitles {
  readonly #cues = new Memo<SubtitleCue[]>(CUES_KEPT);

  /** In a language of the translations; "": as spoken. */
  of(spoken: readonly SpokenSpan[], videoSeconds: number, language = ""): SubtitleCue[] {
    const key = spoken.map(({ block, line, start }) => {
      const translation = language === "" ? "" : JSON.stringify(writtenIn(line, language));
      return `${block} ${line.hash}${translation}@${start}`;
    });
    return this.#cues.get(`${key.join()} ${videoSeconds} ${language}`, () => cuesOf(spoken, videoSeconds, language));
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
