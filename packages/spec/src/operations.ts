import type { OutputPlan } from "@polyreel/contract";
import {
  type Audio,
  AudioFormat,
  ImageFormat,
  MediaContainer,
  type Output,
  PictureFormat,
  PreviewFormat,
  SubtitleFormat,
  WaveformFormat,
} from "@polyreel/contract";

export type OperationKind = NonNullable<Output["operation"]["case"]>;

export interface FileType {
  readonly extension: string;
  readonly contentType: string;
}

/** Parts of a combination that an output is made of. */
export interface Needs {
  readonly clips: boolean;
  /** The soundtrack. */
  readonly sound: boolean;
  /** Words with their times. */
  readonly speech: boolean;
}

/** Properties of an operation's output, and its inputs. */
export interface Operation {
  /** Default name of an output. */
  readonly outputName: string;
  /** Appended to a combination's name in its file's name. */
  readonly suffix: string;
  readonly needs: Needs;
}

/** The single definition of extensions and content types of outputs' files. */
const MP4: FileType = { extension: ".mp4", contentType: "video/mp4" };
const M4A: FileType = { extension: ".m4a", contentType: "audio/mp4" };
const JSON_FILE: FileType = { extension: ".json", contentType: "application/json" };
const SOUNDS: { readonly [F in AudioFormat]: FileType } = {
  [AudioFormat.UNSPECIFIED]: M4A,
  [AudioFormat.M4A]: M4A,
  [AudioFormat.MP3]: { extension: ".mp3", contentType: "audio/mpeg" },
  [AudioFormat.OPUS]: { extension: ".opus", contentType: "audio/ogg; codecs=opus" },
  [AudioFormat.WAV]: { extension: ".wav", contentType: "audio/wav" },
  [AudioFormat.FLAC]: { extension: ".flac", contentType: "audio/flac" },
};
const JPEG: FileType = { extension: ".jpg", contentType: "image/jpeg" };
const PICTURES: { readonly [F in PictureFormat]: FileType } = {
  [PictureFormat.UNSPECIFIED]: JPEG,
  [PictureFormat.JPEG]: JPEG,
  [PictureFormat.PNG]: { extension: ".png", contentType: "image/png" },
  [PictureFormat.WEBP]: { extension: ".webp", contentType: "image/webp" },
};
const IMAGES: { readonly [F in ImageFormat]: FileType } = {
  [ImageFormat.UNSPECIFIED]: JPEG,
  [ImageFormat.JPEG]: JPEG,
  [ImageFormat.PNG]: PICTURES[PictureFormat.PNG],
  [ImageFormat.WEBP]: PICTURES[PictureFormat.WEBP],
  [ImageFormat.AVIF]: { extension: ".avif", contentType: "image/avif" },
};
const GIF: FileType = { extension: ".gif", contentType: "image/gif" };
const PREVIEWS: { readonly [F in PreviewFormat]: FileType } = {
  [PreviewFormat.UNSPECIFIED]: GIF,
  [PreviewFormat.GIF]: GIF,
  [PreviewFormat.WEBP]: PICTURES[PictureFormat.WEBP],
  [PreviewFormat.MP4]: MP4,
};
const SRT: FileType = { extension: ".srt", contentType: "application/x-subrip" };
const VTT: FileType = { extension: ".vtt", contentType: "text/vtt" };
const SUBTITLES: { readonly [F in SubtitleFormat]: FileType } = {
  [SubtitleFormat.UNSPECIFIED]: SRT,
  [SubtitleFormat.SRT]: SRT,
  [SubtitleFormat.VTT]: VTT,
};

const CONTAINERS: { readonly [C in MediaContainer]: FileType } = {
  [MediaContainer.UNSPECIFIED]: MP4,
  [MediaContainer.MP4]: MP4,
  [MediaContainer.WEBM]: { extension: ".webm", contentType: "video/webm" },
  [MediaContainer.MOV]: { extension: ".mov", contentType: "video/quicktime" },
  [MediaContainer.MKV]: { extension: ".mkv", contentType: "video/x-matroska" },
};

/** An unknown format gets here before the checks refuse it. */
const pictureType = (format: PictureFormat): FileType => (format in PICTURES ? PICTURES[format] : JPEG);
const soundType = (format: AudioFormat): FileType => (format in SOUNDS ? SOUNDS[format] : M4A);
const containerType = (container: MediaContainer): FileType => (container in CONTAINERS ? CONTAINERS[container] : MP4);
const imageType = (format: ImageFormat): FileType => (format in IMAGES ? IMAGES[format] : JPEG);
const previewType = (format: PreviewFormat): FileType => (format in PREVIEWS ? PREVIEWS[format] : GIF);
const waveformType = (format: WaveformFormat): FileType =>
  format === WaveformFormat.JSON ? JSON_FILE : PICTURES[PictureFormat.PNG];
const subtitleType = (format: SubtitleFormat): FileType => (format in SUBTITLES ? SUBTITLES[format] : SRT);

const NOTHING: Needs = { clips: false, sound: false, speech: false };

type OfKind<K extends OperationKind> = Extract<Output["operation"], { case: K }>["value"];

/** The single definition of all operations. */
const OPERATIONS: { readonly [K in OperationKind]: (settings: OfKind<K>) => Operation } = {
  mp4: ({ subtitles = false }) => ({
    outputName: "video",
    suffix: MP4.extension,
    needs: { clips: true, sound: true, speech: subtitles },
  }),
  thumbnail: ({ format }) => ({
    outputName: "poster",
    suffix: pictureType(format).extension,
    needs: { ...NOTHING, clips: true },
  }),
  contactSheet: () => ({
    outputName: "sheet",
    suffix: `.sheet${JPEG.extension}`,
    needs: { ...NOTHING, clips: true },
  }),
  subtitles: ({ format, language }) => ({
    outputName: language ? `subtitles-${language.toLowerCase()}` : "subtitles",
    // As players look for them beside a video: "video.de.srt".
    suffix: (language ? `.${language}` : "") + subtitleType(format).extension,
    needs: { ...NOTHING, speech: true },
  }),
  audio: ({ format }) => ({
    outputName: "audio",
    suffix: soundType(format).extension,
    needs: { ...NOTHING, sound: true },
  }),
  compress: () => ({
    outputName: "compressed",
    suffix: MP4.extension,
    needs: { ...NOTHING, clips: true, sound: true },
  }),
  metadata: () => ({
    outputName: "metadata",
    suffix: JSON_FILE.extension,
    needs: { ...NOTHING, clips: true, sound: true },
  }),
  preview: ({ format }) => ({
    outputName: "preview",
    suffix: `.preview${previewType(format).extension}`,
    needs: { ...NOTHING, clips: true },
  }),
  waveform: ({ format }) => ({
    outputName: "waveform",
    suffix: `.waveform${waveformType(format).extension}`,
    needs: { ...NOTHING, sound: true },
  }),
  transcode: ({ container }) => ({
    outputName: "transcode",
    suffix: containerType(container).extension,
    needs: { ...NOTHING, clips: true, sound: true },
  }),
  storyboard: ({ format, cuesOf }) => ({
    outputName: cuesOf ? "storyboard-cues" : "storyboard",
    suffix: `.storyboard${cuesOf ? VTT.extension : pictureType(format).extension}`,
    needs: { ...NOTHING, clips: true },
  }),
  image: ({ format }) => ({ outputName: "image", suffix: imageType(format).extension, needs: NOTHING }),
};

/** Type of the file that an operation makes as a part of its own; undefined for other operations. */
export function renditionTypeOf({ operation }: Pick<Output, "operation">): FileType | undefined {
  switch (operation.case) {
    case "transcode":
      return containerType(operation.value.container);
    case "compress":
      return MP4;
    case "metadata":
      return JSON_FILE;
    case "preview":
      return previewType(operation.value.format);
    case "waveform":
      return waveformType(operation.value.format);
    case "storyboard":
      return operation.value.cuesOf ? VTT : pictureType(operation.value.format);
    case "audio":
      return isSoundtrack(operation.value) ? undefined : soundType(operation.value.format);
    default:
      return undefined;
  }
}

/** Whether the packets of a soundtrack or of an input are taken as they are. */
const isSoundtrack = ({ format, kbps, channels, loudnessLufs }: Audio): boolean =>
  (format === AudioFormat.M4A || format === AudioFormat.UNSPECIFIED) &&
  kbps === 0 &&
  channels === 0 &&
  loudnessLufs === 0;

/** Operations that are possible with inputs. */
export const INPUT_OPERATIONS: readonly OperationKind[] = [
  ...([
    "thumbnail",
    "contactSheet",
    "audio",
    "image",
    "transcode",
    "compress",
    "metadata",
    "preview",
    "waveform",
    "storyboard",
  ] as const),
];

/** An output's operation; the joined MP4 by default. */
export function operationOf({ operation }: Pick<Output, "operation">): Operation {
  if (operation.case === undefined) return OPERATIONS.mp4({} as OfKind<"mp4">);
  const describe = OPERATIONS[operation.case] as (settings: typeof operation.value) => Operation;
  return describe(operation.value);
}

/** Parts of a batch's combinations that its outputs are made of. */
export function neededBy(outputs: readonly Output[]): Needs {
  const all = outputs.map((output) => operationOf(output).needs);
  return {
    clips: all.some(({ clips }) => clips),
    sound: all.some(({ sound }) => sound),
    speech: all.some(({ speech }) => speech),
  };
}

/** Content type of a planned output's file, whatever its name. */
export function contentTypeOf({ operation }: Pick<OutputPlan, "operation">): string {
  if (operation.case === "picture" || operation.case === "inputThumbnail")
    return pictureType(operation.value.format).contentType;
  if (operation.case === "rendition") return operation.value.contentType;
  if (operation.case === "inputContactSheet") return JPEG.contentType;
  if (operation.case === "image") return imageType(operation.value.format).contentType;
  if (operation.case === "subtitles") return subtitleType(operation.value.format).contentType;
  return (operation.case === "audio" ? M4A : MP4).contentType;
}

/**
 * Suffix of each output's file name, after the combination's name. The first output of a kind has the operation's
 * suffix; others contain their own name, so that the file names of a combination are distinct.
 */
export function fileSuffixes(outputs: readonly Output[]): string[] {
  const taken = new Set<string>();
  return outputs.map((output) => {
    const { suffix } = operationOf(output);
    const extension = extensionOf(suffix);
    // One of several pictures is never without its number.
    const isNumbered = output.operation.case === "thumbnail" && output.operation.value.number > 0;
    let found = isNumbered ? `.${output.name}${extension}` : suffix;
    for (let n = 1; taken.has(found); n++) found = `.${output.name}${n > 1 ? `-${n}` : ""}${extension}`;
    taken.add(found);
    return found;
  });
}

/** The last extension of a file's name, with its dot. */
export const extensionOf = (name: string): string => name.slice(name.lastIndexOf("."));
