import type { ImageFailure } from "../image-job.js";

/** An image or a setting that cannot be processed, for the user. */
export class Refusal extends Error {
  constructor(readonly failure: ImageFailure) {
    super(failure.reason);
  }
}

const ANOTHER = "Open it in an image editor and save it again.";

/** An error of sharp as a failure. Its message tells whose fault it is; libvips has no codes. */
export function failureOf(error: unknown): ImageFailure {
  if (error instanceof Refusal) return error.failure;
  const cause = error instanceof Error ? error.message : String(error);
  if (/No space left on device/i.test(cause)) {
    const remedy = "Free space in the folder of temporary files.";
    return { code: "exhausted", reason: "The disk is full.", remedy, cause };
  }
  if (/exceeds pixel limit/i.test(cause)) {
    return { code: "invalid", reason: "The image has too many pixels.", remedy: "Make it smaller first.", cause };
  }
  if (/out of memory|memory allocation|unable to allocate/i.test(cause)) {
    const reason = "The image takes more memory than is allowed.";
    return { code: "invalid", reason, remedy: "Make it smaller first.", cause };
  }
  if (/unsupported image format|not in a known format/i.test(cause)) {
    const remedy = "Use JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC.";
    return { code: "invalid", reason: "The file is no image of a supported format.", remedy, cause };
  }
  // sharp refuses settings in these words: they were checked, so it is our fault.
  if (/^(Expected|Invalid|Missing|Unexpected) /.test(cause)) {
    return { code: "internal", reason: "The image could not be processed.", remedy: "Report this.", cause };
  }
  const reason = "The image is damaged or incomplete, or of a kind that cannot be decoded here.";
  return { code: "invalid", reason, remedy: ANOTHER, cause };
}
