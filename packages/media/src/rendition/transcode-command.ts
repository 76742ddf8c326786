import type { Transcode } from "@polyreel/contract";
import type { FrameRate } from "../clip/format.js";
import { seekTo } from "../clip/seek.js";
import type { FfmpegCommandLine, FfmpegInput, FfmpegOutput } from "../ffmpeg/arguments.js";
import type { MediaFile } from "../operations/media-file.js";
import type { VideoProbe } from "../probe/parse.js";
import { audioOptions } from "./audio-options.js";
import { hardwareOf } from "./hardware/hardware-encoder.js";
import { deviceOf, uploading } from "./hardware/hardware-options.js";
import type { SoundInput } from "./sound-input.js";
import type { TranscodePlan } from "./transcode-plan.js";
import { videoFilters } from "./video-filters.js";
import { type Av1Encoder, type VideoEncode, videoOptions } from "./video-options.js";

/** The runs of an encode: one, or two passes. */
export type Passes = readonly VideoEncode["pass"][];

interface Command {
  readonly settings: Transcode;
  readonly plan: TranscodePlan;
  readonly sound: SoundInput | undefined;
  readonly kbps: number | undefined;
  readonly pass: VideoEncode["pass"];
  readonly frames: number;
  readonly av1: Av1Encoder;
  readonly joinedRate: FrameRate | undefined;
  readonly path: string;
  /** The drawn watermark. */
  readonly markPath: string | undefined;
  /** Time on the file's clock that becomes 0: that of its first picture. */
  readonly zeroSeconds: number;
}

/** The command line of a transcode, or of one of its passes; pure. Both inputs are read with the file's own timestamps. */
export function transcodeCommand(source: MediaFile, command: Command): Omit<FfmpegCommandLine, "maxOutputBytes"> {
  const { settings, plan, sound, pass } = command;
  const { video, audio } = plan;
  const hardware = hardwareOf(settings.encoder);
  const device = video.encode && deviceOf(hardware);
  const first = pass?.number === 1;
  const used = first ? undefined : sound;
  const mark = command.markPath;
  const filters = [
    ...(video.encode
      ? [
          videoFilters({
            ...{ settings, picture: video.picture, place: video.encode.place },
            zeroSeconds: command.zeroSeconds + plan.startSeconds,
            maxSeconds: settings.trim ? video.seconds : undefined,
            restarts: source.probe.restarts,
            rate: command.joinedRate,
            // After the sound, whose number is fixed.
            markInput: mark === undefined ? undefined : used ? 2 : 1,
            uploading: uploading(hardware),
          }),
        ]
      : []),
    ...(used?.filters ? [used.filters] : []),
  ];
  const options = [
    ...["-map", video.encode ? "[v]" : "0:V:0"],
    ...(used && audio ? ["-map", used.map, ...soundOptions(audio)] : []),
    ...(video.encode ? videoOptions(encodeOf(command, video.encode.codec)) : copiedVideo(video.picture)),
    // Nothing of the file but its streams: tags may name places and people.
    ...["-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"],
    // No dates, no program names: the same recipe gives the same bytes.
    ...["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"],
    // A bound for input that never ends; what is kept was determined by the filters.
    ...["-t", (Math.max(video.seconds, audio?.track.durationSeconds ?? 0) + 1).toFixed(3)],
  ];
  return {
    ...(device && { device }),
    inputs: [
      videoInput(source, command),
      ...(used ? [used.input] : []),
      ...(mark === undefined ? [] : [{ file: mark, options: ["-f", "png_pipe"] }]),
    ],
    ...(filters.length > 0 && { filterComplex: filters.join(";") }),
    outputs: [first ? { stdout: true, options: [...options, "-an", "-f", "null"] } : output(command, options)],
  };
}

/** Of tags, only the one that states transparency beside VP8 and VP9 is kept: without it players ignore their second picture. */
const copiedVideo = ({ decoder }: VideoProbe): string[] => [
  ...["-c:v", "copy"],
  ...(decoder ? ["-metadata:s:v:0", "alpha_mode=1"] : []),
];

function output({ plan: { format }, path }: Command, options: readonly string[]): FfmpegOutput {
  // The index in front, so that the file plays while it loads.
  const index = format.muxer === "mp4" || format.muxer === "mov" ? ["-movflags", "+faststart"] : [];
  return { file: path, options: [...options, ...index, "-f", format.muxer] };
}

function videoInput({ path, probe }: MediaFile, { plan, zeroSeconds }: Command): FfmpegInput {
  const { picture, encode } = plan.video;
  if (!encode)
    return { media: path, options: ["-copyts", "-itsoffset", (-zeroSeconds).toFixed(6), "-an", "-sn", "-dn"] };
  const decoder = picture.decoder ? ["-c:v", picture.decoder] : [];
  const seek = seekTo(plan.startSeconds, probe, true);
  return { media: path, options: [...decoder, ...seek.inputOptions, "-copyts", "-an", "-sn", "-dn"] };
}

const encodeOf = (
  { settings, plan, kbps, pass, frames, av1, joinedRate }: Command,
  codec: VideoEncode["codec"],
): VideoEncode => ({
  ...{ settings, codec, format: plan.format, kbps, pass, frames, av1 },
  width: plan.video.width,
  frameRate: joinedRate ? joinedRate.numerator / joinedRate.denominator : plan.video.frameRate,
  isJoined: joinedRate !== undefined,
});

function soundOptions({ encode, track: { language } }: NonNullable<TranscodePlan["audio"]>): string[] {
  const spoken = language && /^[a-z]{3}$/.test(language) ? ["-metadata:s:a:0", `language=${language}`] : [];
  return [...(encode ? audioOptions(encode) : ["-c:a", "copy"]), ...spoken];
}
