import { printable } from "../printable.js";

/**
 * A job is a batch of one input. Its name begins with its kind and with its file, so that lists by name find all videos and
 * all jobs of a file; everything else is in its specification.
 */
export type JobKind = "media" | "video";

/** Hexadecimal digits of a file's hash in names. They may collide: the specification has all of them. */
const DIGITS = 12;
const MAX_NAME = 200;

/** Of all jobs of a kind, or of those of one file. */
export const namePrefix = (kind: JobKind, mediaId = ""): string =>
  mediaId === "" ? `${kind}-` : `${kind}-${mediaId.slice(0, DIGITS)} `;

export const jobName = (kind: JobKind, mediaId: string, title: string): string =>
  printable(namePrefix(kind, mediaId) + title, MAX_NAME);

/** The kind of a job by its name; undefined for other batches. */
export function kindOfName(name: string): JobKind | undefined {
  const kind = /^(media|video)-[0-9a-f]{12} /.exec(name)?.[1];
  return kind === "media" || kind === "video" ? kind : undefined;
}

/** A job that is answered from a file's probe has no batch. */
const METADATA_PREFIX = "metadata-";
export const metadataJobId = (mediaId: string): string => METADATA_PREFIX + mediaId;
export const mediaOfMetadataJob = (jobId: string): string | undefined =>
  new RegExp(`^${METADATA_PREFIX}([0-9a-f]{64})$`).exec(jobId)?.[1];
