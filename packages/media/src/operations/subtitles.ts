import { createHash } from "node:crypto";
import { PolyreelError } from "@polyreel/platform/errors.js";
import type { Layout } from "../join/layout.js";
import { type Cue, stackedCues, timedCues } from "./cues.js";
import type { FormatOf } from "./operations.js";
import { srt } from "./srt.js";
import { webVtt } from "./webvtt.js";

export interface SubtitleSettings {
  /** `srt` where nothing is given. */
  readonly format: FormatOf<"subtitles">;
}

/** What was checked of a subtitle file. */
export interface SubtitleCertificate {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly cues: number;
  /** Of the first and the last one. */
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/**
 * Subtitles as a layout of literal bytes; the cues of each speaker by themselves (see caption-cues.ts), one who speaks above
 * the next. Throws PolyreelError `invalid` where nothing is spoken.
 */
export function layOutSubtitles(
  speakers: readonly (readonly Cue[])[],
  { format }: SubtitleSettings,
): { layout: Layout; certificate: SubtitleCertificate } {
  const cues = stackedCues(speakers.map(timedCues));
  const [first] = cues;
  const last = cues.at(-1);
  if (!first || !last) throw nothingSpoken();
  const header = Buffer.from(format === "vtt" ? webVtt(cues) : srt(cues), "utf8");
  return {
    layout: { header, segments: [], sizeBytes: header.length },
    certificate: {
      sizeBytes: header.length,
      sha256: createHash("sha256").update(header).digest("hex"),
      cues: cues.length,
      startSeconds: first.start / 1000,
      endSeconds: last.end / 1000,
    },
  };
}

const nothingSpoken = (): PolyreelError =>
  new PolyreelError("invalid", {
    field: "subtitles",
    reason: "Nothing is spoken in this combination, so it has no subtitles.",
    remedy: "Give it a voice block, or leave the subtitles out.",
  });
