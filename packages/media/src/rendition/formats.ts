import { AudioCodec, MediaContainer, VideoCodec } from "@polyreel/contract";

export type Container = "mp4" | "webm" | "mov" | "mkv";
export type EncodedVideoCodec = "h264" | "hevc" | "vp9" | "av1";
export type EncodedAudioCodec = "aac" | "opus";

/** A container: what its players expect, and what can be copied into it. Codecs by ffmpeg's names. */
export interface ContainerFormat {
  readonly name: Container;
  /** ffmpeg's muxer. */
  readonly muxer: string;
  readonly video: EncodedVideoCodec;
  readonly audio: EncodedAudioCodec;
  /** Copied where no codec is asked for, because its players support them too. */
  readonly asGood: { readonly video: readonly string[]; readonly audio: readonly string[] };
  /** Copied on request. Undefined: everything. */
  readonly holds?: { readonly video: readonly string[]; readonly audio: readonly string[] };
  /** It stores the rotation for display. */
  readonly rotates: boolean;
}

const MP4: ContainerFormat = {
  ...{ name: "mp4", muxer: "mp4", video: "h264", audio: "aac", rotates: true },
  asGood: { video: ["h264"], audio: ["aac"] },
  holds: {
    video: ["h264", "hevc", "av1", "vp9", "mpeg4"],
    audio: ["aac", "opus", "mp3", "ac3", "eac3", "flac", "alac"],
  },
};

const FORMATS: { readonly [C in MediaContainer]: ContainerFormat } = {
  [MediaContainer.UNSPECIFIED]: MP4,
  [MediaContainer.MP4]: MP4,
  [MediaContainer.WEBM]: {
    ...{ name: "webm", muxer: "webm", video: "vp9", audio: "opus", rotates: false },
    asGood: { video: ["vp9", "av1"], audio: ["opus", "vorbis"] },
    holds: { video: ["vp8", "vp9", "av1"], audio: ["opus", "vorbis"] },
  },
  [MediaContainer.MOV]: {
    ...{ name: "mov", muxer: "mov", video: "h264", audio: "aac", rotates: true },
    asGood: { video: ["h264"], audio: ["aac"] },
    holds: {
      video: ["h264", "hevc", "mpeg4", "mjpeg", "prores", "dnxhd"],
      audio: ["aac", "mp3", "ac3", "alac", "pcm_s16le", "pcm_s24le"],
    },
  },
  [MediaContainer.MKV]: {
    ...{ name: "mkv", muxer: "matroska", video: "h264", audio: "aac", rotates: false },
    asGood: { video: ["h264", "hevc", "vp9", "av1"], audio: ["aac", "opus", "vorbis", "mp3", "flac", "ac3", "eac3"] },
  },
};

export const formatOf = (container: MediaContainer): ContainerFormat => FORMATS[container];

/** Codecs that are encoded, by ffmpeg's names. */
export const VIDEO_CODECS: { readonly [C in VideoCodec]?: EncodedVideoCodec } = {
  [VideoCodec.H264]: "h264",
  [VideoCodec.HEVC]: "hevc",
  [VideoCodec.VP9]: "vp9",
  [VideoCodec.AV1]: "av1",
};

export const AUDIO_CODECS: { readonly [C in AudioCodec]?: EncodedAudioCodec } = {
  [AudioCodec.AAC]: "aac",
  [AudioCodec.OPUS]: "opus",
};
