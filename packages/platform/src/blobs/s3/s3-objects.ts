import type { IncomingHttpHeaders } from "node:http";
import type { BlobInfo } from "../store.js";
import type { S3Body } from "./s3-body.js";
import { text, type Xml } from "./s3-xml.js";

/** Of the bytes, where they were known before they were sent; hexadecimal. */
export const SHA256_HEADER = "x-amz-meta-polyreel-sha256";
/** Of the write that made the object: after a repeated request, it tells whose it is. */
export const WRITE_HEADER = "x-amz-meta-polyreel-write";
/** Of each part of an upload but the last; with it, the checksum of the parts' checksums can be computed again. */
export const PART_BYTES_HEADER = "x-amz-meta-polyreel-part-bytes";

/** Lets the server compare what arrived, and keep the checksum. */
export const checksumHeader = ({ sha256 }: S3Body) => ({ "x-amz-checksum-sha256": sha256.toString("base64") });

/** Of an object, by its headers. Times have whole seconds, as in headers: a list's have more. */
export function infoFromHeaders(key: string, headers: IncomingHttpHeaders): BlobInfo {
  return blobInfo(key, {
    sizeBytes: Number(headers["content-length"] ?? 0),
    writtenAt: headers["last-modified"] ?? "",
    etag: headers.etag ?? "",
  });
}

/** Of an object, by its entry in a list. */
export const infoFromList = (key: string, entry: Xml): BlobInfo =>
  blobInfo(key, {
    sizeBytes: Number(text(entry, "Size")),
    writtenAt: text(entry, "LastModified"),
    etag: text(entry, "ETag"),
  });

function blobInfo(key: string, { sizeBytes, writtenAt, etag }: { sizeBytes: number; writtenAt: string; etag: string }) {
  const seconds = Math.floor((Date.parse(writtenAt) || 0) / 1000);
  const version = etag.replaceAll('"', "") || undefined;
  return { key, sizeBytes, writtenAt: new Date(seconds * 1000), version };
}
