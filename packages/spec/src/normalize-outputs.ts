import { clone, create, type MessageInitShape } from "@bufbuild/protobuf";
import { DurationSchema, durationMs } from "@bufbuild/protobuf/wkt";
import {
  AudioFormat,
  CompressQuality,
  type ContactSheet,
  Container,
  type Destination,
  DestinationSchema,
  type Output,
  OutputSchema,
  PictureFormat,
  type Preview,
  PreviewFormat,
  type Storyboard,
  SubtitleFormat,
  type Thumbnail,
  VideoCodec,
  type Waveform,
  WaveformFormat,
} from "@polyreel/contract";
import { folderOf } from "./deliveries.js";
import { eachPicture } from "./each-picture.js";
import { fillImage } from "./normalize-image.js";
import { normalizeTranscode } from "./normalize-transcode.js";
import { operationOf } from "./operations.js";
import { builtInPresets, type Presets } from "./presets.js";
import { unusedName } from "./unused-name.js";
import { withCues } from "./with-cues.js";

/**
 * A batch's outputs with all defaults filled in, all in the present spelling: an operation with a name and
 * destinations, and a file each. Without any it is the joined MP4; for inputs, which are not joined, there are none. Pure
 * and idempotent. Invalid names are left for the checks to refuse.
 */
export function normalizeOutputs(
  given: readonly Output[],
  ofInputs = false,
  presets: Presets = builtInPresets,
): Output[] {
  return normalized(given, ofInputs, presets).map(({ output }) => output);
}

/** For each output of a normalised batch, the index of the specified one that it comes from. */
export const specifiedIndexes = (given: readonly Output[], ofInputs: boolean): number[] =>
  normalized(given, ofInputs, builtInPresets).map(({ index }) => index);

/** `index`: of the output as given. */
function normalized(
  given: readonly Output[],
  ofInputs: boolean,
  presets: Presets,
): { output: Output; index: number }[] {
  const specified = given.length > 0 || ofInputs ? given : [create(OutputSchema)];
  const found = specified.flatMap((one, index) =>
    inPresentSpelling(one, given, ofInputs).map((output) => ({ output, index })),
  );
  const outputs = found.map(({ output }) => output);
  const names = new Set(outputs.map(({ name }) => name));
  for (const output of outputs) {
    fillOperation(output, presets);
    output.as = output.as.normalize("NFC");
    if (output.name === "") {
      output.name = unusedName(operationOf(output).outputName, names);
      names.add(output.name);
    }
    if (output.to.length === 0) output.to = [folder()];
    output.to.forEach(fillDestination);
  }
  return found.flatMap(({ output, index }) =>
    withCues(output, outputs, names)
      .flatMap(eachPicture)
      .map((one) => ({ output: one, index })),
  );
}

/**
 * Whether an output is in the former spelling: a video with pictures beside it in one destination. A contact sheet
 * alone is such an output if it is the only one of its batch, as was required.
 */
export function isFormerSpelling(output: Output, outputs: readonly Output[]): boolean {
  const { container, destination, poster, virtual, name, operation, to, as } = output;
  const isSheetAlone = operation.case === "contactSheet" && name === "" && to.length === 0 && as === "";
  return (
    container !== Container.UNSPECIFIED ||
    destination !== undefined ||
    poster !== undefined ||
    virtual ||
    (isSheetAlone && outputs.length === 1)
  );
}

/**
 * A poster and a contact sheet become separate outputs, in the video's destination. With inputs there is no video
 * beside them.
 */
function inPresentSpelling(output: Output, outputs: readonly Output[], ofInputs: boolean): Output[] {
  if (!isFormerSpelling(output, outputs)) return [clone(OutputSchema, output)];
  const { container, destination, virtual, poster, operation } = output;
  const hasPictures = poster !== undefined || operation.case === "contactSheet";
  const picturesAlone = ofInputs && hasPictures && container === Container.UNSPECIFIED;
  const to = () => [virtual ? asVirtual(destination) : destination ? clone(DestinationSchema, destination) : folder()];
  const of = (its: MessageInitShape<typeof OutputSchema>["operation"]) =>
    create(OutputSchema, { to: to(), ...(its && { operation: its }) });
  return [
    ...(picturesAlone ? [] : [of({ case: "mp4", value: {} })]),
    ...(poster ? [of({ case: "thumbnail", value: { at: poster } })] : []),
    ...(operation.case === "contactSheet" ? [of(operation)] : []),
  ];
}

const folder = (): Destination => create(DestinationSchema, { kind: { case: "folder", value: {} } });

/** Its folder is that of the manifest, and of later deliveries. */
function asVirtual(destination: Destination | undefined): Destination {
  const folder = destination && folderOf(destination);
  return create(DestinationSchema, { kind: { case: "virtual", value: folder ? { folder } : {} } });
}

function fillOperation(output: Output, presets: Presets): void {
  const { operation } = output;
  if (operation.case === undefined) {
    output.operation = create(OutputSchema, { operation: { case: "mp4", value: {} } }).operation;
  } else if (operation.case === "thumbnail") {
    fillThumbnail(operation.value);
  } else if (operation.case === "contactSheet") {
    fillSheet(operation.value);
  } else if (operation.case === "subtitles") {
    operation.value.format ||= SubtitleFormat.SRT;
  } else if (operation.case === "audio") {
    operation.value.format ||= AudioFormat.M4A;
  } else if (operation.case === "compress") {
    if (operation.value.targetMegabytes === 0) operation.value.quality ||= CompressQuality.MEDIUM;
    operation.value.videoCodec ||= VideoCodec.H264;
  } else if (operation.case === "transcode") {
    operation.value = normalizeTranscode(operation.value, presets);
  } else if (operation.case === "preview") {
    fillPreview(operation.value);
  } else if (operation.case === "waveform") {
    fillWaveform(operation.value);
  } else if (operation.case === "storyboard") {
    fillStoryboard(operation.value);
  } else if (operation.case === "image") {
    fillImage(operation.value);
  }
}

function fillThumbnail(thumbnail: Thumbnail): void {
  const { best, count, times } = thumbnail;
  if (!best && count === 0 && times.length === 0) thumbnail.at ??= create(DurationSchema);
  thumbnail.format ||= PictureFormat.JPEG;
}

function fillSheet(sheet: ContactSheet): void {
  sheet.columns ||= 4;
  sheet.rows ||= 4;
  sheet.width ||= 160;
}

/** `start` stays unset if it is 0, so that both spellings are one part. */
function fillPreview(preview: Preview): void {
  preview.format ||= PreviewFormat.GIF;
  preview.seconds ||= 3;
  preview.width ||= 320;
  preview.fps ||= 10;
  preview.segments ||= 1;
  if (preview.start && durationMs(preview.start) === 0) delete preview.start;
}

/** Of data, how many samples a pixel stands for stays unset: by default that depends on the sound's length. */
function fillWaveform(waveform: Waveform): void {
  waveform.format ||= WaveformFormat.PNG;
  if (waveform.format === WaveformFormat.JSON) {
    waveform.bits ||= 8;
    return;
  }
  waveform.width ||= 1800;
  waveform.height ||= 280;
  waveform.color = waveform.color.toLowerCase() || "#3d6fd9";
  waveform.background = waveform.background.toLowerCase();
}

/** Cues have the settings of the storyboard that they name. */
function fillStoryboard(storyboard: Storyboard): void {
  if (storyboard.cuesOf !== "") return;
  storyboard.width ||= 160;
  storyboard.columns ||= 10;
  storyboard.format ||= PictureFormat.JPEG;
}

function fillDestination(destination: Destination): void {
  if (destination.kind.case === undefined) destination.kind = folder().kind;
}
