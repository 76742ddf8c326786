import {
  type Certificate,
  type CombinationCost,
  type CombinationDetails,
  CombinationState,
  certificateOf,
  combinationStateName,
  type Failure,
  type FailureCode,
  failureCodeName,
  type ImageCertificate,
  isWorthRetrying,
  type JoinCertificate,
  type OutputStatus,
  type RenditionCertificate,
  type RenditionWaveform,
  Stage,
  type Step,
  type Warning,
  warningCodeName,
} from "@polyreel/contract";
import { kindOfStage, labelOf } from "@polyreel/parts/kinds";
import { formatWhere } from "../problem.js";
import { tryingAgainLine } from "../progress/trying-again.js";
import { counted, formatBytes, formatSeconds } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";

interface Shown {
  readonly batchId: string;
  /** Address of the server. */
  readonly server: string;
  /** In milliseconds since 1970. */
  readonly now: number;
  readonly paint: Terminal["paintResult"];
  /** Whether its batch can be retried at all. */
  readonly canRetry: boolean;
}

/** Everything known about a combination, as labelled lines of text. */
export function combinationLines({ status, outputs, warnings, cost }: CombinationDetails, shown: Shown): string[] {
  const { id = "", choices = [], certificate, traceId } = status ?? {};
  return [
    `${id} of batch ${shown.batchId}`,
    ...choices.map(({ block, choice }) => line("choice", `${block}=${choice}`)),
    ...outputs.flatMap((output) => outputLines(output, { ...shown, combinationId: id })),
    ...warnings.map((warning) => line("warning", warningText(warning))),
    ...(certificate ? [line("certificate", certificateText(certificate))] : []),
    ...(cost ? costLines(cost) : []),
    ...(traceId ? [line("trace", traceId)] : []),
  ];
}

/** "0.14 s of a core; 5.2 s alone", and each part with what it took. */
function costLines({ coreSeconds, aloneCoreSeconds, parts }: CombinationCost): string[] {
  if (aloneCoreSeconds === 0) return [];
  return [
    line("cost", `${coreTime(coreSeconds)} of a core; ${coreTime(aloneCoreSeconds)} if it were made alone`),
    ...parts.map(({ stage, block, choice, coreSeconds, uses }) => {
      const kind = kindOfStage(stage);
      const where = block ? ` ${block}=${choice}` : "";
      const shared = uses > 1n ? `, shared by ${uses}` : "";
      return line("", `${kind ? labelOf(kind) : "part"}${where} ${coreTime(coreSeconds)}${shared}`);
    }),
  ];
}

/** Three digits, also of the milliseconds of a join. */
const coreTime = (seconds: number): string => `${Number(seconds.toPrecision(3))} s`;

const NAME_WIDTH = "certificate".length;
const line = (name: string, what: string): string => `  ${name.padEnd(NAME_WIDTH)}  ${what}`;

/** An output's progress or result. */
function outputLines(
  { name, state, percent, step, path, location, urlPath, link, failure, rejectionReason }: OutputStatus,
  { batchId, combinationId, server, now, paint, canRetry }: Shown & { combinationId: string },
): string[] {
  const colour = COLOURS[state];
  const painted = colour ? paint(colour, combinationStateName(state)) : combinationStateName(state);
  return [
    line(name, `${painted}, ${percent} %`),
    ...(step ? [line("step", stepText(step, now))] : []),
    ...(failure ? failureLines(failure, canRetry ? `polyreel retry ${batchId} ${combinationId}` : undefined) : []),
    ...(rejectionReason ? [line("reason", rejectionReason)] : []),
    ...(state === CombinationState.AWAITING_APPROVAL ? [line("approval", approvalText(batchId, combinationId))] : []),
    ...(path ? [line("file", path)] : []),
    ...(location ? [line("location", location)] : []),
    ...(urlPath ? [line("link", link || server + urlPath)] : []),
  ];
}

const approvalText = (batchId: string, combinationId: string): string =>
  `polyreel approve ${batchId} ${combinationId}, or polyreel reject`;

const COLOURS: Partial<Record<CombinationState, "green" | "red">> = {
  [CombinationState.DELIVERED]: "green",
  [CombinationState.FAILED]: "red",
  [CombinationState.REJECTED]: "red",
};

const STAGE_NAMES: Partial<Record<Stage, string>> = {
  [Stage.JOIN]: "layout",
  [Stage.DELIVERY]: "delivery",
};

/** "clip 2 of 3, hook/flower, 45 %" */
export function stepText({ stage, block, choice, index, count, fraction, tryingAgain }: Step, now: number): string {
  const part = kindOfStage(stage);
  const name = part ? labelOf(part) : (STAGE_NAMES[stage] ?? "a step of a later release");
  const retried = tryingAgain && (tryingAgainLine([tryingAgain], now) ?? `trying again: ${tryingAgain.reason}`);
  const progress = fraction > 0 ? `${Math.floor(100 * fraction + ROUNDING)} %` : "waiting";
  const which = count > 1 ? `${name} ${index} of ${count}` : name;
  const where = block ? `${block}/${choice}` : "";
  return [which, where, retried ?? (part ? progress : "")].filter(Boolean).join(", ");
}

/** 0.29 * 100 is slightly less than 29 in floating point. */
const ROUNDING = 1e-9;

/** `retry` is the command to suggest; undefined if the batch cannot be retried. */
function failureLines({ code, block, choice, field, reason, remedy }: Failure, retry: string | undefined): string[] {
  const where = formatWhere({ field, block, choice });
  return [
    line("failure", `${failureCodeName(code)}: ${reason}`),
    ...(where ? [line("where", where)] : []),
    ...(remedy ? [line("remedy", remedy)] : []),
    line("retry", retryText(code, retry)),
  ];
}

function retryText(code: FailureCode, retry: string | undefined): string {
  if (retry === undefined) return "not possible: the batch was cancelled, or is being deleted";
  return isWorthRetrying(code) ? `worth it: ${retry}` : "not worth it: the same would fail again";
}

function warningText({ block, choice, reason, code }: Warning): string {
  const where = formatWhere({ block, choice });
  return `${warningCodeName(code)}: ${reason}${where ? `  ${where}` : ""}`;
}

/** The measurements that people can use. */
function certificateText(certificate: Certificate): string {
  const { operation, sizeBytes } = certificateOf(certificate);
  const size = formatBytes(sizeBytes);
  const measures = ((): string[] => {
    switch (operation.case) {
      case "join": {
        const { videoSeconds, frames, subtitleTracks } = operation.value;
        const tracks = subtitleTracks.map(({ language }) => `subtitles ${language || "und"}`);
        return [formatSeconds(videoSeconds), `${frames} frames`, size, ...levels(operation.value), ...tracks];
      }
      case "picture":
        return [`${operation.value.width}x${operation.value.height}`, size];
      case "image":
        return [imageText(operation.value), size];
      case "subtitles":
        return [counted(operation.value.cues, "subtitle"), size];
      case "audio":
        return [formatSeconds(operation.value.audioSeconds), size, ...levels(operation.value)];
      case "rendition":
        return renditionMeasures(operation.value, size);
      case "inputAudio":
        return [formatSeconds(operation.value.audioSeconds), operation.value.copied ? "copied" : "encoded", size];
    }
  })();
  return measures.join(", ");
}

/** "9.6 s, mp4, h264 1280x720, aac copied, 1.2 MB, -16.0 LUFS" */
function renditionMeasures(
  { format, durationSeconds, video, audio, unchanged, waveform, ssim }: RenditionCertificate,
  size: string,
): string[] {
  const copied = (isCopied: boolean) => (isCopied ? " copied" : "");
  return [
    ...(durationSeconds > 0 ? [formatSeconds(durationSeconds)] : []),
    unchanged ? `${format} unchanged` : format,
    ...(video ? [`${video.codec} ${video.width}x${video.height}${copied(video.copied)}`] : []),
    ...(audio ? [`${audio.codec}${copied(audio.copied)}`] : []),
    ...(waveform ? [waveformText(waveform)] : []),
    size,
    ...(audio ? levels(audio) : []),
    ...(ssim ? [`SSIM ${ssim.mean.toFixed(3)}, lowest ${ssim.lowest.toFixed(3)}`] : []),
  ];
}

/** "waveform 1800x280", "2 x 4281 peaks" */
const waveformText = ({ channels, length, height }: RenditionWaveform): string =>
  height > 0 ? `waveform ${length}x${height}` : `${channels > 1 ? `${channels} x ` : ""}${counted(length, "peak")}`;

function imageText({ format, width, height, quality }: ImageCertificate): string {
  return [`${format} ${width}x${height}`, quality ? `quality ${quality}` : "lossless"].join(", ");
}

const levels = ({
  loudnessLufs,
  truePeakDbtp,
}: Partial<Pick<JoinCertificate, "loudnessLufs" | "truePeakDbtp">>): string[] => [
  ...(loudnessLufs === undefined ? [] : [decibels(loudnessLufs, "LUFS")]),
  ...(truePeakDbtp === undefined ? [] : [decibels(truePeakDbtp, "dBTP")]),
];

const decibels = (level: number, unit: string): string =>
  Number.isFinite(level) ? `${level.toFixed(1)} ${unit}` : `silent (${unit})`;
