import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { ImageFit, ImageFormat, type OutputSchema, PictureFormat } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { Refusal } from "../../web/refusal.js";
import type { MediaFacts } from "../media/media-facts.js";
import type { Mark } from "./named-mark.js";
import { type Quality, qualitiesUpTo, qualityBelow } from "./qualities.js";

type OutputOperation = NonNullable<Exclude<MessageInitShape<typeof OutputSchema>, { $typeName: string }>["operation"]>;

interface Operation {
  readonly of: readonly ("video" | "image")[];
  /** The format of its result, unless the source's decides. */
  readonly format: string;
  /** The output that makes it; undefined: it is answered from the probe. */
  readonly output?: (facts: MediaFacts, mark: Mark | undefined) => OutputOperation;
  /** It needs something to draw. */
  readonly isMarked?: boolean;
  /** Of a video in another size. */
  readonly quality?: Quality;
}

/** Width of thumbnails; those of smaller pictures have their width. */
const THUMBNAIL_WIDTH = 320;
const THUMBNAIL_AT_SECONDS = 1;

const thumbnail = ({ durationSeconds, picture }: MediaFacts): OutputOperation => ({
  case: "thumbnail",
  value: {
    // First frames are often black.
    at: durationFromMs(Math.round(1000 * Math.min(THUMBNAIL_AT_SECONDS, durationSeconds / 2))),
    width: Math.min(THUMBNAIL_WIDTH, picture?.width ?? THUMBNAIL_WIDTH),
    format: PictureFormat.JPEG,
  },
});

/** Sides of a resized image, which is never enlarged. */
const RESIZED = 1280;
const IMAGE_FORMATS: Readonly<Record<string, ImageFormat>> = { png: ImageFormat.PNG, webp: ImageFormat.WEBP };

const resized = ({ picture }: MediaFacts): OutputOperation => ({
  case: "image",
  value: {
    ...{ width: RESIZED, height: RESIZED, fit: ImageFit.INSIDE },
    format: IMAGE_FORMATS[picture?.codec ?? ""] ?? ImageFormat.JPEG,
  },
});

/** A file that browsers play; not enlarged. */
const transcode = (quality: Quality, format: "mp4" | "webm" = "mp4"): Operation => ({
  ...{ of: ["video"], format, quality },
  output: () => ({ case: "transcode", value: { preset: `${format === "mp4" ? "web" : "webm"}-${quality}` } }),
});

/** Distance of a watermark from the lower right corner, in pixels. */
const MARK_OFFSET = 16;

const marked = ({ picture }: MediaFacts, mark: Mark | undefined): OutputOperation => {
  const watermark = { mark: mark ?? { case: undefined }, offset: { x: MARK_OFFSET, y: MARK_OFFSET } };
  if (!picture?.still) return { case: "transcode", value: { watermark } };
  return { case: "image", value: { format: IMAGE_FORMATS[picture.codec] ?? ImageFormat.JPEG, watermark } };
};

/** The operations that clients know by these names; the single definition. */
const OPERATIONS = {
  thumbnail: { of: ["video", "image"], format: "jpg", output: thumbnail },
  video_thumbnail: { of: ["video"], format: "jpg", output: thumbnail },
  contact_sheet: { of: ["video"], format: "jpg", output: () => ({ case: "contactSheet", value: {} }) },
  audio_extract: { of: ["video"], format: "m4a", output: () => ({ case: "audio", value: {} }) },
  video_metadata: { of: ["video"], format: "json" },
  resize: { of: ["image"], format: "jpg", output: resized },
  transcode_480p: transcode("480p"),
  transcode_720p: transcode("720p"),
  transcode_1080p: transcode("1080p"),
  transcode_4k: transcode("4k"),
  video_compress: { of: ["video"], format: "mp4", output: () => ({ case: "compress", value: {} }) },
  watermark: { of: ["image", "video"], format: "jpg", isMarked: true, output: marked },
  transcode_webm_480p: transcode("480p", "webm"),
  transcode_webm_720p: transcode("720p", "webm"),
  transcode_webm_1080p: transcode("1080p", "webm"),
  transcode_webm_4k: transcode("4k", "webm"),
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof OPERATIONS;

const operation = (name: OperationName): Operation => OPERATIONS[name];

export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];

/** Those that make a file of every upload. */
export const OUTPUT_OPERATIONS = OPERATION_NAMES.filter((name) => {
  const { output, isMarked, of } = operation(name);
  return output !== undefined && !isMarked && of.includes("video");
});

/** Whether it draws a watermark, which the job must name. */
export const isMarked = (name: OperationName): boolean => operation(name).isMarked ?? false;

/** The quality of an operation's result; undefined if it is no video in another size. */
export const qualityOf = (name: OperationName): Quality | undefined => operation(name).quality;

/** The operations for a video whose uploader chose none: none that would give it a size above its own. */
export function operationsFor(names: readonly OperationName[], facts: MediaFacts): OperationName[] {
  return names.filter((name) => {
    const { quality, format } = operation(name);
    return quality === undefined || qualitiesUpTo(qualitiesIn(names, format), facts).includes(quality);
  });
}

/** The qualities that operations make in a format. */
export const qualitiesIn = (names: readonly OperationName[], format: string): Quality[] =>
  names.flatMap((name) => (operation(name).format === format ? (qualityOf(name) ?? []) : []));

/** The operation among these that makes a quality in a format. */
export const operationFor = (
  names: readonly OperationName[],
  format: string,
  quality: Quality | undefined,
): OperationName | undefined =>
  names.find((name) => quality !== undefined && operation(name).format === format && qualityOf(name) === quality);

/** Answered from the probe, without any work. */
export const METADATA = "video_metadata" satisfies OperationName;

/** `path`: of its file, once there is one. */
export const formatOfResult = (name: OperationName, path = ""): string =>
  /\.([a-z0-9]+)$/.exec(path)?.[1] ?? operation(name).format;

/** Name of the output that an operation makes. */
export const outputName = (name: OperationName): string => name.replaceAll("_", "-");

/** The outputs of these operations on a file. */
export const outputsFor = (names: readonly OperationName[], facts: MediaFacts, mark?: Mark) =>
  names.flatMap((name) => {
    const output = operation(name).output?.(facts, mark);
    return output ? { name: outputName(name), operation: output } : [];
  });

export const notImplemented = (field: string, reason: string, remedy: string): PolyreelError =>
  new Refusal(501, { field, reason, remedy });

/** Throws PolyreelError `invalid` for an operation on media of another kind, or in a size above their own. */
export function assertApplies(name: OperationName, facts: MediaFacts, field: string): void {
  const kind = facts.picture?.still ? "image" : "video";
  if (operation(name).of.includes(kind)) {
    assertLargeEnough(name, facts, field);
    return;
  }
  const others = OPERATION_NAMES.filter((one) => operation(one).of.includes(kind));
  throw new PolyreelError("invalid", {
    field,
    reason: `The operation ${name} is not for ${kind === "image" ? "images" : "videos"}.`,
    remedy: `For this file, use one of: ${others.join(", ")}.`,
  });
}

function assertLargeEnough(name: OperationName, facts: MediaFacts, field: string): void {
  const { quality } = operation(name);
  const below = quality && qualityBelow(quality, facts);
  if (!below) return;
  throw new PolyreelError("invalid", {
    field,
    reason: `The video has ${facts.picture?.width}x${facts.picture?.height} pixels: ${name} would enlarge it.`,
    remedy: `Use ${name.replace(/[^_]+$/, below)}.`,
  });
}
