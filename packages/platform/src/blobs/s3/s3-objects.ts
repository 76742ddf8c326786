import type { IncomingHttpHeaders } from "node:http";
import type { BlobInfo } from "../store.js";
import type { S3Body } from "./s3-body.js";
import { text, type Xml } from "./s3-xml.js";

/** SHA-256 of the bytes, hexadecimal, if it was known before they were sent. */
export const SHA256_HEADER = "x-amz-meta-polyreel-sha256";
/** Id of the write that created the object: after a repeated request, it identifies the writer. */
export const WRITE_HEADER = "x-amz-meta-polyreel-write";
/** Size of the parts of an upload, except the last: needed to recompute the checksum of the parts' checksums. */
export const PART_BYTES_HEADER = "x-amz-meta-polyreel-part-bytes";

/** Lets the server verify what arrived, and store the checksum. */
export const checksumHeader = ({ sha256 }: S3Body) => ({ "x-amz-checksum-sha256": sha256.toString("base64") });

/** From the headers of a response. Times are in whole seconds, as in headers; lists have more. */
export function infoFromHeaders(key: string, headers: IncomingHttpHeaders): BlobInfo {
  return blobInfo(key, {
    sizeBytes: Number(headers["content-length"] ?? 0),
    writtenAt: headers["last-modified"] ?? "",
    etag: headers.etag ?? "",
  });
}

/** From an entry of a list. */
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
