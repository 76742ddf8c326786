import { VideoEncoder } from "@polyreel/contract";

/** Encoders of hardware, as ffmpeg's names end: "h264_nvenc". */
export const hardwareEncoders = ["nvenc", "vaapi", "videotoolbox"] as const;
export type HardwareEncoder = (typeof hardwareEncoders)[number];

/** Codecs that every one of them encodes. */
export type HardwareCodec = "h264" | "hevc";
export const hardwareCodecs: readonly HardwareCodec[] = ["h264", "hevc"];

const ASKED: { readonly [E in VideoEncoder]?: HardwareEncoder } = {
  [VideoEncoder.NVENC]: "nvenc",
  [VideoEncoder.VAAPI]: "vaapi",
  [VideoEncoder.VIDEOTOOLBOX]: "videotoolbox",
};

/** The hardware that settings ask for; undefined: software. */
export const hardwareOf = (encoder: VideoEncoder): HardwareEncoder | undefined => ASKED[encoder];
