import { createHash } from "node:crypto";
import type { ServedFile } from "../../web/answer-bytes.js";
import type { MediaFacts } from "./media-facts.js";
import { formatOf } from "./media-format.js";
import type { UploadedFile } from "./uploaded-file.js";

/** Properties of a file, by the names of the REST layer. Pure. */
export function metadataOf(facts: MediaFacts, format: string) {
  const { durationSeconds: duration, sizeBytes, picture, sound } = facts;
  return {
    duration,
    format,
    resolution: picture ? `${picture.width}x${picture.height}` : null,
    frameRate: picture && !picture.still ? Math.round(picture.frameRate * 1000) / 1000 : null,
    bitrate: duration > 0 ? Math.round((8 * sizeBytes) / duration) : null,
    audioCodec: sound?.codec ?? null,
    videoCodec: picture?.codec ?? null,
    fileSize: sizeBytes,
  };
}

/** The same as a file, for jobs of `video_metadata`. */
export function metadataContent(mediaId: string, { facts, fileName }: UploadedFile): ServedFile {
  const bytes = Buffer.from(`${JSON.stringify(metadataOf(facts, formatOf(facts, fileName)), null, 2)}\n`);
  return {
    fileName: `${mediaId.slice(0, 12)}.json`,
    contentType: "application/json",
    sizeBytes: bytes.length,
    disposition: "attachment",
    etag: `"${createHash("sha256").update(bytes).digest("base64url")}"`,
    lastModified: new Date(0),
    async *read(start, end) {
      yield bytes.subarray(start, end);
    },
  };
}
