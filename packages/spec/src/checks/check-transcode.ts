import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  AudioCodec,
  Deinterlace,
  MediaContainer,
  type Transcode,
  VideoCodec,
  VideoEncoder,
  VideoFit,
} from "@polyreel/contract";
import type { Mistake } from "../mistake.js";
import { nearest } from "../nearest.js";
import { quote } from "../quote.js";
import { checkWatermark } from "./check-watermark.js";

/** Mistakes in normalised settings of a transcode that no input can satisfy. `known`: names of presets, for suggestions. */
export function checkTranscode(settings: Transcode, field: string, known: readonly string[]): Mistake[] {
  const { preset, trim } = settings;
  return [
    ...(preset ? [unknownPreset(preset, field, known)] : []),
    ...checkCodecs(settings, field),
    ...checkQuality(settings, field),
    ...checkCopies(settings, field),
    ...checkEncoder(settings, field),
    ...(settings.fit > VideoFit.CONTAIN && !(settings.width > 0 && settings.height > 0) ? [boxless(field)] : []),
    ...(trim?.end && durationMs(trim.end) <= durationMs(trim.start ?? trim.end) ? [emptyTrim(field)] : []),
    ...(settings.watermark ? checkWatermark(settings.watermark, `${field}.watermark`) : []),
  ];
}

/** Names of the codecs as written. */
const VIDEO_NAMES: Partial<Record<VideoCodec, string>> = {
  [VideoCodec.H264]: "h264",
  [VideoCodec.HEVC]: "hevc",
  [VideoCodec.VP9]: "vp9",
  [VideoCodec.AV1]: "av1",
};
const AUDIO_NAMES: Partial<Record<AudioCodec, string>> = { [AudioCodec.AAC]: "aac", [AudioCodec.OPUS]: "opus" };

/** Codecs that players of a container expect; MKV holds all of them. */
const HELD: Partial<Record<MediaContainer, { name: string; video: VideoCodec[]; audio: AudioCodec[] }>> = {
  [MediaContainer.WEBM]: { name: "WebM", video: [VideoCodec.VP9, VideoCodec.AV1], audio: [AudioCodec.OPUS] },
  [MediaContainer.MOV]: { name: "MOV", video: [VideoCodec.H264, VideoCodec.HEVC], audio: [AudioCodec.AAC] },
};

function checkCodecs({ container, videoCodec, audioCodec }: Transcode, field: string): Mistake[] {
  const held = HELD[container];
  const video = VIDEO_NAMES[videoCodec];
  const audio = AUDIO_NAMES[audioCodec];
  const wrong = (setting: string, codec: string, allowed: readonly (string | undefined)[]): Mistake => ({
    field: `${field}.${setting}`,
    reason: `A ${held?.name} can't hold ${codec}.`,
    remedy: `Write ${allowed.join(" or ")}, or leave ${setting} out; or choose another container.`,
  });
  return [
    ...(held && video && !held.video.includes(videoCodec)
      ? [
          wrong(
            "videoCodec",
            video,
            held.video.map((one) => VIDEO_NAMES[one]),
          ),
        ]
      : []),
    ...(held && audio && !held.audio.includes(audioCodec)
      ? [
          wrong(
            "audioCodec",
            audio,
            held.audio.map((one) => AUDIO_NAMES[one]),
          ),
        ]
      : []),
  ];
}

/** Scales of the encoders: x264 and x265 end at 51. */
const MAX_CRF: Partial<Record<VideoCodec, number>> = { [VideoCodec.H264]: 51, [VideoCodec.HEVC]: 51 };

function checkQuality({ container, videoCodec, crf, videoKbps, maxVideoKbps }: Transcode, field: string): Mistake[] {
  const mistakes: Mistake[] = [];
  const codec = videoCodec || (container === MediaContainer.WEBM ? VideoCodec.VP9 : VideoCodec.H264);
  const limit = MAX_CRF[codec] ?? 63;
  if (crf !== undefined && crf > limit) {
    mistakes.push({
      field: `${field}.crf`,
      reason: `crf ${crf} is beyond the scale of ${VIDEO_NAMES[codec] ?? "the codec"}.`,
      remedy: `Write 0 (lossless or nearly so) to ${limit} (worst).`,
    });
  }
  if (maxVideoKbps > 0 && videoKbps > maxVideoKbps) {
    mistakes.push({
      field: `${field}.videoKbps`,
      reason: `The average of ${videoKbps} kbit/s exceeds the cap, maxVideoKbps ${maxVideoKbps}.`,
      remedy: "Lower videoKbps, or raise maxVideoKbps.",
    });
  }
  return mistakes;
}

/** Settings that only an encoder can follow, beside streams that are to be copied. */
function checkCopies(settings: Transcode, field: string): Mistake[] {
  const refused = (setting: string, codec: "videoCodec" | "audioCodec"): Mistake => ({
    field: `${field}.${setting}`,
    reason: `${setting} needs an encode, and ${codec} is copy.`,
    remedy: `Leave ${codec} out: streams that fit are then copied, and others encoded. Or leave out ${setting}.`,
  });
  const mistakes: Mistake[] = [];
  if (settings.videoCodec === VideoCodec.COPY)
    mistakes.push(...pictureChanges(settings).map((setting) => refused(setting, "videoCodec")));
  const sound = soundChanges(settings);
  if (settings.audioCodec === AudioCodec.COPY) mistakes.push(...sound.map((setting) => refused(setting, "audioCodec")));
  if (settings.audioCodec === AudioCodec.NONE) {
    const pointless = sound.filter((setting) => setting !== "trim");
    mistakes.push(
      ...pointless.map((setting) => ({
        field: `${field}.${setting}`,
        reason: `${setting} is about the sound, and audioCodec is none.`,
        remedy: `Leave out ${setting}, or audioCodec.`,
      })),
    );
  }
  return mistakes;
}

/** The settings given that change pictures, or measure how an encode does. */
function pictureChanges(settings: Transcode): string[] {
  const { crf, deinterlace } = settings;
  const names = [
    ...(["width", "height", "shortSide", "fps", "gopSeconds", "videoKbps", "maxVideoKbps", "targetMegabytes"] as const),
    ...(["trim", "rotate", "crop", "watermark", "ssim", "encoder"] as const),
  ].filter((name) => Boolean(settings[name]));
  return [...names, ...(crf !== undefined ? ["crf"] : []), ...(deinterlace === Deinterlace.ON ? ["deinterlace"] : [])];
}

const ENCODER_NAMES: Partial<Record<VideoEncoder, string>> = {
  [VideoEncoder.NVENC]: "nvenc",
  [VideoEncoder.VAAPI]: "vaapi",
  [VideoEncoder.VIDEOTOOLBOX]: "videotoolbox",
};

/** Codecs that hardware encodes; 0 is the default of all containers but WebM. */
const BY_HARDWARE: readonly VideoCodec[] = [VideoCodec.UNSPECIFIED, VideoCodec.H264, VideoCodec.HEVC, VideoCodec.COPY];

function checkEncoder({ encoder, container, videoCodec }: Transcode, field: string): Mistake[] {
  const name = ENCODER_NAMES[encoder];
  if (!name || (BY_HARDWARE.includes(videoCodec) && container !== MediaContainer.WEBM)) return [];
  return [
    {
      field: `${field}.encoder`,
      reason: `${name} encodes H.264 and HEVC, not ${VIDEO_NAMES[videoCodec] ?? "what a WebM holds"}.`,
      remedy: "Choose videoCodec h264 or hevc, and another container than WebM; or leave encoder out.",
    },
  ];
}

const soundChanges = (settings: Transcode): string[] =>
  (["audioKbps", "channels", "loudnessLufs", "trim"] as const).filter((name) => Boolean(settings[name]));

function unknownPreset(preset: string, field: string, known: readonly string[]): Mistake {
  const near = nearest(preset, known);
  return {
    field: `${field}.preset`,
    reason: `There is no preset ${quote(preset)}.`,
    remedy: near
      ? `Did you mean ${quote(near)}? \`polyreel presets\` lists all.`
      : "Choose one that `polyreel presets` lists, or give the settings themselves.",
  };
}

const boxless = (field: string): Mistake => ({
  field: `${field}.fit`,
  reason: "Only a box can be covered or padded: it needs width and height.",
  remedy: "Give both, or leave fit out: the shape of the picture is then kept.",
});

const emptyTrim = (field: string): Mistake => ({
  field: `${field}.trim.end`,
  reason: "The stretch ends before it begins.",
  remedy: "Make end later than start.",
});
