import type { SubtitleTrack } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { bytesOf, u16 } from "./boxes.js";

/** Ticks per second of subtitle tracks: their times are whole milliseconds. */
export const TEXT_TIMESCALE = 1000;

/** The length of a sample's text is a number of 16 bits. */
export const MAX_TEXT_BYTES = 0xffff;

/** A subtitle track as samples (3GPP TS 26.245, section 5.17): one for each cue, and an empty one for each gap. */
export interface TimedText {
  readonly language: string;
  readonly samples: readonly TextSample[];
}

interface TextSample {
  readonly bytes: Buffer;
  readonly milliseconds: number;
}

/**
 * The samples of cues, which are in order and do not overlap. The last gap ends with the video: the track is as long as
 * the picture. Throws PolyreelError `internal` for a text that is too long.
 */
export function timedText({ language, cues }: SubtitleTrack, videoSeconds: number): TimedText {
  const samples: TextSample[] = [];
  let end = 0;
  const add = (text: string, until: number) => {
    if (until > end) samples.push({ bytes: sampleOf(text), milliseconds: until - end });
    end = until;
  };
  for (const { startMilliseconds, endMilliseconds, lines } of cues) {
    add("", startMilliseconds);
    add(lines.join("\n"), endMilliseconds);
  }
  add("", Math.max(end, Math.round(videoSeconds * TEXT_TIMESCALE)));
  return { language, samples };
}

function sampleOf(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length > MAX_TEXT_BYTES) {
    throw new PolyreelError("internal", `A subtitle has ${bytes.length} bytes; a track holds ${MAX_TEXT_BYTES}.`);
  }
  return bytesOf(u16(bytes.length), bytes);
}

/** Iterates over the samples of a track. */
export class TimedTextCursor {
  #sample = 0;
  #milliseconds = 0;

  constructor(private readonly text: TimedText) {}

  /** The next samples that begin before a time. */
  take(endSeconds: number): { packets: number; bytes: Buffer } {
    const taken: Buffer[] = [];
    const { samples } = this.text;
    for (let next = samples[this.#sample]; next; next = samples[this.#sample]) {
      if (this.#milliseconds >= endSeconds * TEXT_TIMESCALE) break;
      taken.push(next.bytes);
      this.#milliseconds += next.milliseconds;
      this.#sample++;
    }
    return { packets: taken.length, bytes: Buffer.concat(taken) };
  }
}
