import { sourceError } from "@polyreel/platform";
import type { Gamut } from "../colour/gamut.js";
import type { BreaksOff } from "./breaks-off.js";
import { chosenStreams } from "./chosen-streams.js";
import type { FfprobeJson, FfprobeStream } from "./ffprobe-json.js";
import type { PictureSample } from "./sample-pictures.js";
import type { PacketScan } from "./scan-packets.js";
import { statedKbps } from "./stated-kbps.js";
import { duration, exactSeconds, restartsOf, seconds } from "./stream-times.js";
import { videoProbe } from "./video-probe.js";

/** Properties of a source. */
export interface Probe {
  /** ffmpeg's name of the container, such as "mov,mp4,m4a,3gp,3g2,mj2". */
  container: string;
  sizeBytes: number;
  /** Of the longest stream. 0 for stills. */
  durationSeconds: number;
  /** The first video stream. Covers of audio files are ignored. */
  video?: VideoProbe;
  /** The default audio track: the first one marked default, or else the first. */
  audio?: AudioProbe;
  /** If there are several: all audio tracks, in the file's order. */
  tracks?: readonly AudioProbe[];
  /** If timestamps restart: the offset in seconds for each further part (see restarts.ts). */
  restarts?: readonly number[];
}

export interface VideoProbe {
  codec: string;
  /** As displayed: square pixels, after rotation. */
  width: number;
  height: number;
  /** Clockwise rotation for display: 0, 90, 180 or 270 (a mirrored picture counts as not rotated). */
  rotationDegrees: number;
  /** On average. 0 for stills. */
  frameRate: number;
  /** Time of the first picture on the file's clock. */
  startSeconds: number;
  /** Time of the first decoded picture, on the file's clock: containers round or omit start times, and edit lists cut. */
  firstPictureSeconds?: number;
  /** From the first picture's start to the last one's end. 0 for stills. */
  durationSeconds: number;
  still: boolean;
  /** A decoder that must be selected by name: ffmpeg's own for VP8 and VP9 ignore transparency. */
  decoder?: string;
  /** ffmpeg's name, such as "yuv420p". */
  pixelFormat?: string;
  /** Average of its packets in kbit/s, if the file states it. */
  kbps?: number;
  /** How to convert its pixels; always set by parseProbe. */
  pixels?: PixelProbe;
}

export interface PixelProbe {
  /** Parts of the picture may be transparent. */
  alpha: boolean;
  /** Alternate lines belong to two moments. */
  interlaced: boolean;
  /** Only some pictures are marked as interlaced, or only the pictures and not the stream. */
  interlacedPictures?: true;
  /** The file states its colour matrix. */
  matrixStated: boolean;
  /** The matrix, if it is one of SDR. */
  matrix?: "bt709" | "bt601";
  /** The transfer is HDR (PQ or HLG). */
  hdr: boolean;
  /** HDR without stated primaries. */
  primariesUnstated?: true;
  /** Conversion from other primaries than BT.709's, by its tags or its profile. */
  gamut?: Gamut;
}

export interface AudioProbe {
  /** Position among the file's audio tracks, from 0. */
  track?: number;
  language?: string;
  title?: string;
  codec: string;
  channels: number;
  sampleRate: number;
  /** Average of its packets in kbit/s, if the file states it. */
  kbps?: number;
  /** Time of the first sample on the file's clock. */
  startSeconds: number;
  durationSeconds: number;
  /** The track's exact length, if the container states it. Further decoded samples are encoder padding. */
  exactSeconds?: number;
}

/** Properties found by reading packets and pictures, if they were read. */
export interface Findings {
  scan?: PacketScan;
  pictures?: PictureSample;
  /** The file is truncated; undefined if its container does not show that. */
  breaksOff?: BreaksOff | undefined;
}

/**
 * Builds a probe from ffprobe's report of the header, corrected by findings from packets and pictures. Throws
 * `invalid`.
 */
export function parseProbe(json: FfprobeJson, findings: Findings = {}): Probe {
  const { video, audios } = chosenStreams(json);
  if (!video && audios.length === 0) {
    throw sourceError({
      reason: "The file has neither pictures nor sound.",
      remedy: "Use a video, sound or picture file.",
    });
  }
  if (json.packets?.[0]?.side_data_list?.some(({ side_data_type }) => side_data_type === "Encryption info")) {
    throw sourceError({
      reason: "The file is encrypted (DRM): without its key it can't be decoded.",
      remedy: "Use a copy without copy protection.",
    });
  }
  const container = json.format?.format_name ?? "";
  const probe: Probe = { container, sizeBytes: Number(json.format?.size ?? 0), durationSeconds: 0 };
  if (video) probe.video = videoProbe(video, json, findings);
  const tracks = audios.map(({ stream, track }) => audioProbe(stream, track, json, findings));
  const chosen =
    tracks[
      Math.max(
        0,
        audios.findIndex(({ stream }) => stream.disposition?.default === 1),
      )
    ];
  if (chosen) probe.audio = chosen;
  if (tracks.length > 1) probe.tracks = tracks;
  const restarts = restartsOf(json, findings);
  if (restarts.length > 0) probe.restarts = restarts;
  probe.durationSeconds = Math.max(probe.video?.durationSeconds ?? 0, probe.audio?.durationSeconds ?? 0);
  return probe;
}

function audioProbe(stream: FfprobeStream, track: number, json: FfprobeJson, findings: Findings): AudioProbe {
  const { language, title } = stream.tags ?? {};
  const durationSeconds = duration(stream, json, findings);
  const kbps = statedKbps(stream);
  const exact = /^mov/.test(json.format?.format_name ?? "") ? exactSeconds(stream, findings) : undefined;
  return {
    track,
    ...(language && language !== "und" && { language }),
    ...(title && { title }),
    codec: stream.codec_name ?? "unknown",
    channels: stream.channels ?? 0,
    sampleRate: Number(stream.sample_rate ?? 0),
    ...(kbps !== undefined && { kbps }),
    startSeconds: seconds(stream.start_time) ?? 0,
    durationSeconds,
    ...(exact !== undefined && { exactSeconds: exact }),
  };
}
