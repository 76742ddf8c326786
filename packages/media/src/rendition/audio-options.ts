import { sourceError } from "@polyreel/platform";
import type { EncodedAudioCodec } from "./formats.js";

interface AudioEncode {
  readonly codec: EncodedAudioCodec;
  readonly channels: number;
  readonly kbps: number;
}

/** Channel layouts; libopus refuses others of six channels. */
export const LAYOUTS: { readonly [channels: number]: string } = { 1: "mono", 2: "stereo", 6: "5.1" };

/** What libopus takes of each channel, in kbit/s. */
const OPUS_CHANNEL_KBPS = 256;

/** Refuses a bit rate in kbit/s that an encoder does not take. Throws PolyreelError `invalid`. */
export function assertRate(field: string, codec: string, kbps: number, channels: number): void {
  const limit = OPUS_CHANNEL_KBPS * channels;
  if (codec !== "opus" || kbps <= limit) return;
  throw sourceError({
    field,
    reason: `The sound has ${channels === 1 ? "one channel" : `${channels} channels`} for ${kbps} kbit/s; Opus takes up to ${limit}.`,
    remedy: `Choose a rate from 16 to ${limit} kbit/s, or leave it out.`,
  });
}

/** Output options that encode the sound. */
export function audioOptions({ codec, channels, kbps }: AudioEncode): string[] {
  const encoder =
    codec === "aac"
      ? // ffmpeg's own: the only one in every build.
        ["-c:a", "aac"]
      : // vbr: the rate is an average, and silence takes none of it.
        ["-c:a", "libopus", "-vbr", "on"];
  // 48 kHz: the rate of video, and the only one of Opus that is stored as it is.
  return [...encoder, "-b:a", `${Math.round(kbps)}k`, "-ar", "48000", "-ac", String(channels)];
}
