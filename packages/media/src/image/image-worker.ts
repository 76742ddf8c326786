import { createRequire } from "node:module";
import { PolyreelError, sourceError } from "@polyreel/platform";
import { KeptProgram, type RunEnding } from "@polyreel/platform/process";
import type { ImageFailure, Job, MadeImage } from "./image-job.js";

/** The compiled program: a child process cannot run the TypeScript sources. */
const PROGRAM = createRequire(import.meta.url).resolve("@polyreel/media/image/worker/main.js");

/** Limits for one image. */
const LIMITS = {
  /** The largest AVIF takes two minutes; this allows for a slower machine. */
  cpuSeconds: 300,
  /** The machine may be busy. */
  deadlineSeconds: 1800,
  /** Signs of life come every two seconds. */
  stallSeconds: 60,
};
/** More than the uncompressed size of the largest result. */
const FILE_BYTES = 2 ** 30;

const SMALLER = "Make the image smaller first, or save it again in an image editor.";

export type ImageWorker = KeptProgram<Job, MadeImage, ImageFailure>;

/** A program that works on images, one at a time. */
export const startImageWorker = (path = PROGRAM, limits = LIMITS): ImageWorker =>
  new KeptProgram({ path, limits, fileBytes: FILE_BYTES, tooLong, errorOf, endedBy });

const tooLong = (): PolyreelError => sourceError({ reason: "The image takes too long to process.", remedy: SMALLER });

function errorOf({ code, field = "", reason, remedy, isMark = false, cause }: ImageFailure): PolyreelError {
  const failure = { field: isMark ? "watermark" : field, reason: isMark ? `The watermark: ${reason}` : reason, remedy };
  const options = { cause: new Error(cause ?? reason) };
  const isSource = code === "invalid" && field === "" && !isMark;
  return isSource ? sourceError(failure, options) : new PolyreelError(code, failure, options);
}

/** SIGKILL and SIGTERM come from outside; a crash is the image's fault. */
function endedBy({ code, signal, stderr, missing }: RunEnding): PolyreelError {
  const cause = new Error(`The program for images ended by ${signal ?? `code ${code}`}\n${stderr}`);
  if (missing || signal === "SIGTERM" || signal === "SIGKILL" || signal === "SIGINT") {
    const reason = `The program for images was ended by ${signal ?? "the system"}.`;
    const remedy = "Try again; if it repeats, see what ends it: a machine short of memory does.";
    return new PolyreelError("unavailable", { reason, remedy }, { cause, outage: false });
  }
  const reason = "The image cannot be processed: that crashes, or takes more memory than is allowed.";
  return sourceError({ reason, remedy: SMALLER }, { cause });
}
