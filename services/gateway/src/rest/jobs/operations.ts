import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { ImageFit, ImageFormat, type OutputSchema, PictureFormat } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { Refusal } from "../../web/refusal.js";
import type { MediaFacts } from "../media/media-facts.js";

type OutputOperation = NonNullable<Exclude<MessageInitShape<typeof OutputSchema>, { $typeName: string }>["operation"]>;

interface Operation {
  readonly of: readonly ("video" | "image")[];
  /** The format of its result, unless the source's decides; undefined: it does not exist yet. */
  readonly format?: string;
  /** Why it does not exist, if for another reason. */
  readonly missing?: string;
  /** The output that makes it; undefined: it is answered from the probe. */
  readonly output?: (facts: MediaFacts) => OutputOperation;
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

/** The operations that clients know by these names; the single definition. */
const OPERATIONS = {
  thumbnail: { of: ["video", "image"], format: "jpg", output: thumbnail },
  video_thumbnail: { of: ["video"], format: "jpg", output: thumbnail },
  contact_sheet: { of: ["video"], format: "jpg", output: () => ({ case: "contactSheet", value: {} }) },
  audio_extract: { of: ["video"], format: "m4a", output: () => ({ case: "audio", value: {} }) },
  video_metadata: { of: ["video"], format: "json" },
  resize: { of: ["image"], format: "jpg", output: resized },
  transcode_480p: { of: ["video"] },
  transcode_720p: { of: ["video"] },
  transcode_1080p: { of: ["video"] },
  transcode_4k: { of: ["video"] },
  video_compress: { of: ["video"] },
  watermark: { of: ["image"], missing: "A job here cannot say what to draw as a watermark; a batch can." },
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof OPERATIONS;

const operation = (name: OperationName): Operation => OPERATIONS[name];

export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];
const isAvailable = (name: OperationName): boolean => operation(name).format !== undefined;

/** Those that make a file of every upload. */
export const OUTPUT_OPERATIONS = OPERATION_NAMES.filter(
  (name) => operation(name).output !== undefined && operation(name).of.includes("video"),
);

/** Answered from the probe, without any work. */
export const METADATA = "video_metadata" satisfies OperationName;

/** `path`: of its file, once there is one. */
export const formatOfResult = (name: OperationName, path = ""): string =>
  /\.([a-z0-9]+)$/.exec(path)?.[1] ?? operation(name).format ?? "";

/** Name of the output that an operation makes. */
export const outputName = (name: OperationName): string => name.replaceAll("_", "-");

/** The outputs of these operations on a file. */
export const outputsFor = (names: readonly OperationName[], facts: MediaFacts) =>
  names.flatMap((name) => {
    const output = operation(name).output?.(facts);
    return output ? { name: outputName(name), operation: output } : [];
  });

/** Throws a Refusal of 501 for an operation that does not exist yet, naming it. */
export function assertAvailable(name: OperationName, field: string): void {
  if (isAvailable(name)) return;
  throw notImplemented(
    field,
    operation(name).missing ?? `The operation ${name} does not exist yet.`,
    `Available are ${OPERATION_NAMES.filter(isAvailable).join(", ")}.`,
  );
}

export const notImplemented = (field: string, reason: string, remedy: string): PolyreelError =>
  new Refusal(501, { field, reason, remedy });

/** Throws PolyreelError `invalid` for an operation on media of another kind. */
export function assertApplies(name: OperationName, facts: MediaFacts, field: string): void {
  const kind = facts.picture?.still ? "image" : "video";
  if (operation(name).of.includes(kind)) return;
  const others = OPERATION_NAMES.filter((one) => isAvailable(one) && operation(one).of.includes(kind));
  throw new PolyreelError("invalid", {
    field,
    reason: `The operation ${name} is not for ${kind === "image" ? "images" : "videos"}.`,
    remedy: `For this file, use one of: ${others.join(", ")}.`,
  });
}
