import { CAP_SECONDS, kilo } from "../rate.js";
import type { HardwareCodec, HardwareEncoder } from "./hardware-encoder.js";

/** What an encode by hardware depends on. */
export interface HardwareEncode {
  readonly encoder: HardwareEncoder;
  readonly codec: HardwareCodec;
  /** As of x264 and x265. */
  readonly crf: number;
  /** Average rate to reach; undefined: constant quality. */
  readonly kbps?: number | undefined;
  /** 0: none. */
  readonly capKbps: number;
}

/** Output options that select and set the encoder. */
export const hardwareOptions = (encode: HardwareEncode): string[] => [
  ...["-c:v", `${encode.codec}_${encode.encoder}`, "-profile:v", encode.codec === "h264" ? "high" : "main"],
  ...OPTIONS[encode.encoder](encode),
];

const cap = ({ capKbps }: HardwareEncode): string[] =>
  capKbps > 0 ? ["-maxrate", kilo(capKbps), "-bufsize", kilo(CAP_SECONDS * capKbps)] : [];

const OPTIONS: { readonly [E in HardwareEncoder]: (encode: HardwareEncode) => string[] } = {
  nvenc: (encode) => [
    // p5 of p1 to p7: slow, and good. A forced key frame must be one to cut at.
    ...["-preset", "p5", "-tune", "hq", "-rc", "vbr", "-forced-idr", "1"],
    // -b:v 0: the quality alone determines the rate. Its scale is that of the quantiser, as x264's.
    ...(encode.kbps === undefined ? ["-cq", String(encode.crf), "-b:v", "0"] : ["-b:v", kilo(encode.kbps)]),
    ...cap(encode),
  ],
  vaapi: (encode) => {
    // Not all drivers know a quality below a cap: an average of half the cap is what presets' caps are made for.
    const kbps = encode.kbps ?? (encode.capKbps > 0 ? encode.capKbps / 2 : undefined);
    return kbps === undefined
      ? ["-rc_mode", "CQP", "-qp", String(encode.crf)]
      : ["-rc_mode", "VBR", "-b:v", kilo(kbps), ...cap(encode)];
  },
  videotoolbox: (encode) => [
    // Its own software encoder is not what was asked for.
    ...["-allow_sw", "0"],
    // 1 to 100, more is better.
    ...(encode.kbps === undefined
      ? ["-q:v", String(Math.max(1, Math.round(100 - 2 * encode.crf)))]
      : ["-b:v", kilo(encode.kbps)]),
    ...cap(encode),
  ],
};

/** The first graphics card's interface for encoding, as Linux names it. */
export const VAAPI_DEVICE = "/dev/dri/renderD128";

/** The device that ffmpeg opens for filters; undefined: the encoder takes pictures from memory. */
export const deviceOf = (encoder: HardwareEncoder | undefined): string | undefined =>
  encoder === "vaapi" ? `vaapi=encoder:${VAAPI_DEVICE}` : undefined;

/** Filters that hand pictures to the encoder's device. */
export const uploading = (encoder: HardwareEncoder | undefined): string[] =>
  deviceOf(encoder) === undefined ? [] : ["format=nv12", "hwupload"];
