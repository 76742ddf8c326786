import type { CopiedObject, DirectUploads, PartLink, UploadedPart } from "../direct-uploads.js";
import { checkedKey } from "../keys.js";
import type { Io } from "../store.js";
import { bodyOf } from "./s3-body.js";
import type { S3Answer, S3Client } from "./s3-client.js";
import type { S3KeySource } from "./s3-keys.js";
import { SHA256_HEADER } from "./s3-objects.js";
import { linkSigner } from "./s3-presigner.js";
import { abortUpload } from "./s3-upload.js";
import { strictlyEncoded } from "./s3-url.js";
import { children, escapeXml, text } from "./s3-xml.js";

/** S3's limit for a copy by one request. */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

export interface DirectUploadOptions {
  /** Larger objects are copied in parts of this size. */
  readonly maxCopyBytes?: number;
}

/** Undefined if the address has no endpoint that clients reach. */
export function s3DirectUploads(
  client: S3Client,
  keys: S3KeySource,
  { maxCopyBytes = MAX_COPY_BYTES }: DirectUploadOptions = {},
): DirectUploads | undefined {
  const { address } = client;
  const sign = linkSigner(address, keys);
  if (!sign) return undefined;
  const objectOf = (key: string) => address.prefix + checkedKey(key);

  async function begin(key: string, headers: Record<string, string>, { signal }: Io): Promise<string> {
    const begun = await client.call(
      { method: "POST", object: objectOf(key), query: { uploads: "" }, headers },
      { signal },
    );
    return text(begun.root, "InitiateMultipartUploadResult", "UploadId");
  }

  async function complete(
    key: string,
    uploadId: string,
    parts: readonly Pick<UploadedPart, "number" | "etag">[],
    { signal }: Io,
  ): Promise<boolean> {
    const listed = parts.map(
      ({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
    );
    const xml = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${listed.join("")}</CompleteMultipartUpload>`;
    const request = { method: "POST", object: objectOf(key), query: { uploadId }, body: bodyOf(xml) } as const;
    const { status } = await client.call(request, { accept: [404], signal });
    return status !== 404;
  }

  async function copyInParts({ key, version, sizeBytes, sha256 }: CopiedObject, to: string, io: Io): Promise<boolean> {
    const uploadId = await begin(to, { [SHA256_HEADER]: sha256 }, io);
    try {
      const parts: { number: number; etag: string }[] = [];
      for (let at = 0; at < sizeBytes; at += maxCopyBytes) {
        const number = parts.length + 1;
        const range = `bytes=${at}-${Math.min(at + maxCopyBytes, sizeBytes) - 1}`;
        const answer = await client.call(
          {
            ...{ method: "PUT", object: objectOf(to), query: { partNumber: String(number), uploadId } },
            headers: { ...sourceHeaders(key, version), "x-amz-copy-source-range": range },
          },
          { accept: [404, 412], signal: io.signal },
        );
        if (!isDone(answer)) {
          await abortUpload(client, objectOf(to), uploadId);
          return false;
        }
        parts.push({ number, etag: text(answer.root, "CopyPartResult", "ETag") });
      }
      return await complete(to, uploadId, parts, io);
    } catch (error) {
      await abortUpload(client, objectOf(to), uploadId);
      throw error;
    }
  }

  const sourceHeaders = (key: string, version: string) => ({
    "x-amz-copy-source": `/${address.bucket}/${objectOf(key).split("/").map(strictlyEncoded).join("/")}`,
    "x-amz-copy-source-if-match": `"${version}"`,
  });

  return {
    begin: (key, io = {}) => begin(key, {}, io),
    linkTo: (key, uploadId, { number, sizeBytes, lifetimeMs }: PartLink) =>
      sign({
        ...{ method: "PUT", object: objectOf(key), lifetimeMs },
        query: { partNumber: String(number), uploadId },
        headers: { "content-length": String(sizeBytes) },
      }),
    async parts(key, uploadId, { signal } = {}) {
      const found: UploadedPart[] = [];
      for (let after = "0"; ; ) {
        const query = { uploadId, "part-number-marker": after };
        const answer = await client.call({ method: "GET", object: objectOf(key), query }, { accept: [404], signal });
        if (answer.status === 404) return undefined;
        const [page] = children(answer.root, "ListPartsResult");
        for (const part of children(page, "Part")) {
          const [number, sizeBytes] = [Number(text(part, "PartNumber")), Number(text(part, "Size"))];
          found.push({ number, sizeBytes, etag: text(part, "ETag") });
        }
        const next = text(page, "NextPartNumberMarker");
        if (text(page, "IsTruncated") !== "true" || next === after) return found;
        after = next;
      }
    },
    complete: (key, uploadId, parts, io = {}) => complete(key, uploadId, parts, io),
    async abort(key, uploadId, { signal } = {}) {
      const request = { method: "DELETE", object: objectOf(key), query: { uploadId } } as const;
      await client.call(request, { accept: [404], signal });
    },
    async copy(from, to, io = {}) {
      if (from.sizeBytes > maxCopyBytes) return copyInParts(from, to, io);
      const headers = {
        ...sourceHeaders(from.key, from.version),
        "x-amz-metadata-directive": "REPLACE",
        [SHA256_HEADER]: from.sha256,
        "content-type": "application/octet-stream",
      };
      const request = { method: "PUT", object: objectOf(to), headers } as const;
      return isDone(await client.call(request, { accept: [404, 412], signal: io.signal }));
    },
  };
}

const isDone = ({ status }: S3Answer): boolean => status < 300;
