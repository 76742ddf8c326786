import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { create } from "@bufbuild/protobuf";
import { type Certificate, CertificateSchema, type SubtitleTrack } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { SAMPLE_RATE } from "../sound/pcm.js";
import { clipsFault, soundFault } from "./joinable.js";
import type { Layout } from "./layout.js";
import { packetTable, payloadBytes } from "./packet-table.js";
import type { ClipPart, SoundPart } from "./parts.js";
import { readSubtitles } from "./read-subtitles.js";

/**
 * Checks an output before any byte of it is written: that its clips form one stream for a decoder, that frame durations
 * are constant, that audio and video have equal lengths, that levels are in range, and that the layout contains every
 * part completely and in order, and the subtitles. Throws PolyreelError `internal` with the violation: such an output is
 * never delivered.
 */
export function certify(
  clips: readonly ClipPart[],
  sound: SoundPart | undefined,
  layout: Layout,
  subtitles: readonly SubtitleTrack[] = [],
): Certificate {
  const joinFault = clipsFault(clips);
  if (joinFault) throw wrong(joinFault);
  const [first] = clips as readonly [ClipPart];
  const { timescale, sampleDuration } = first.index;
  const frames = clips.reduce((sum, { index }) => sum + index.sizes.length, 0);
  const ticks = frames * sampleDuration;
  const fault =
    (sound && soundFault(sound.index, (ticks * SAMPLE_RATE) / timescale)) ??
    layoutFault(clips, sound, layout) ??
    subtitlesFault(subtitles, layout);
  if (fault) throw wrong(fault);
  return create(CertificateSchema, {
    sizeBytes: BigInt(layout.sizeBytes),
    operation: {
      case: "join",
      value: {
        headerSha256: literalsSha256(layout),
        frames: BigInt(frames),
        frameStep: sampleDuration,
        timescale,
        subtitleTracks: subtitles.map(trackCertificate),
        videoSeconds: ticks / timescale,
        ...(sound && {
          audioSeconds: Number(sound.index.samples) / SAMPLE_RATE,
          loudnessLufs: sound.index.loudnessLufs,
          truePeakDbtp: sound.index.truePeakDbtp,
          predictedMinLufs: sound.index.predictedMinLufs,
          predictedMaxLufs: sound.index.predictedMaxLufs,
        }),
      },
    },
  });
}

/** SHA-256 of an output's literal bytes: with the payloads of its parts, they determine it. */
export function literalsSha256({ header, segments }: Layout): string {
  const digest = createHash("sha256").update(header);
  for (const segment of segments) if (segment.kind === "literal") digest.update(segment.bytes);
  return digest.digest("hex");
}

/**
 * Checks that the segments are all clips in order, and the soundtrack, each completely. Returns the violation, or
 * undefined.
 */
export function layoutFault(
  clips: readonly ClipPart[],
  sound: SoundPart | undefined,
  { segments, header, sizeBytes }: Layout,
): string | undefined {
  let size = header.length;
  for (const segment of segments) if (segment.kind === "literal") size += segment.bytes.length;
  for (const [kind, parts] of [["clip", clips] as const, ["sound", sound ? [sound] : []] as const]) {
    let part = 0;
    let position = 0;
    for (const segment of segments) {
      if (segment.kind === "literal" || (segment.hash === sound?.hash) !== (kind === "sound")) continue;
      const expected = parts[part];
      if (!expected || segment.hash !== expected.hash || segment.start !== position) {
        return `The layout leaves the order of its parts at a ${kind}.`;
      }
      position = segment.end;
      size += segment.end - segment.start;
      if (position === payloadBytes(packetTable(expected.index))) {
        part++;
        position = 0;
      }
    }
    if (part !== parts.length) return `The layout lacks the end of a ${kind}.`;
  }
  return size === sizeBytes ? undefined : `The layout has ${size} bytes, not ${sizeBytes}.`;
}

const trackCertificate = ({ language, cues }: SubtitleTrack) => ({
  language,
  cues: cues.length,
  startSeconds: (cues[0]?.startMilliseconds ?? 0) / 1000,
  endSeconds: (cues.at(-1)?.endMilliseconds ?? 0) / 1000,
});

/** Reads the subtitles back as a player does, and compares them. Returns the violation, or undefined. */
function subtitlesFault(planned: readonly SubtitleTrack[], layout: Layout): string | undefined {
  if (planned.length === 0) return undefined;
  const expected = planned.map(({ language, cues }) => ({
    language,
    cues: cues.map(({ lines, startMilliseconds, endMilliseconds }) => ({
      startMilliseconds,
      endMilliseconds,
      text: lines.join("\n"),
    })),
  }));
  return isDeepStrictEqual(readSubtitles(layout), expected) ? undefined : "The subtitle tracks are not those planned.";
}

const wrong = (reason: string): PolyreelError =>
  new PolyreelError("internal", { reason, remedy: "The output was not delivered; render it again, or report it." });
