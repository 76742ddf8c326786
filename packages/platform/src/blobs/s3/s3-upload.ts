import { Pipeline } from "../../flow/pipeline.js";
import { bodyOf, type S3Body } from "./s3-body.js";
import type { S3Answer, S3Client } from "./s3-client.js";
import { checksumHeader } from "./s3-objects.js";
import { children, escapeXml, text } from "./s3-xml.js";

/** One is sent while the next one is read: so many are in memory, beside the one that is read. */
const PARTS_AT_ONCE = 2;
/** What is given up must not wait long for the server's word. */
const ABORT_MS = 10_000;
/** No upload takes longer. */
const ABANDONED_MS = 24 * 3600 * 1000;

interface Upload {
  readonly object: string;
  /** Those of the object. */
  readonly headers: Readonly<Record<string, string>>;
  /** Those of the request that completes it. */
  readonly completeHeaders: Readonly<Record<string, string>>;
  readonly parts: AsyncIterable<S3Body>;
  /** Called after the last part and before the object comes to be; throws where it must not. */
  readonly check: () => void | Promise<void>;
  /** Called if an upload may be left: its abort failed, or a repeated request may have begun two. */
  readonly onLeftover?: (() => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Writes an object in parts. It comes to be when all parts are there; where anything fails, the parts are removed. Statuses
 * 404 and 412 of the last request are given back: the upload is gone, or its condition failed.
 */
export async function upload(
  client: S3Client,
  { object, headers, parts, check, onLeftover = () => {}, signal, ...rest }: Upload,
): Promise<S3Answer> {
  const begun = await client.call(
    { method: "POST", object, query: { uploads: "" }, headers: { ...headers, "x-amz-checksum-algorithm": "SHA256" } },
    { signal },
  );
  const uploadId = text(begun.root, "InitiateMultipartUploadResult", "UploadId");
  if (begun.attempts > 1) onLeftover();
  const stop = new AbortController();
  const stopped = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const sending = new Pipeline(PARTS_AT_ONCE);
  try {
    const sent: string[] = [];
    let number = 0;
    for await (const body of parts) {
      const partNumber = ++number;
      const query = { partNumber: String(partNumber), uploadId };
      const request = { method: "PUT", object, query, headers: checksumHeader(body), body } as const;
      await sending.add(
        client.call(request, { signal: stopped }).then(({ headers: { etag = "" } }) => {
          sent[partNumber - 1] = partXml(partNumber, etag, body);
        }),
      );
    }
    await sending.end();
    await check();
    signal?.throwIfAborted();
    const xml = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${sent.join("")}</CompleteMultipartUpload>`;
    const complete = { method: "POST", object, query: { uploadId }, headers: rest.completeHeaders } as const;
    const answer = await client.call({ ...complete, body: bodyOf(xml) }, { accept: [404, 412], signal });
    if (answer.status === 412 && !(await abortUpload(client, object, uploadId))) onLeftover();
    return answer;
  } catch (error) {
    stop.abort(error);
    await sending.end().catch(() => {}); // A part that arrives after the abort would stay.
    if (!(await abortUpload(client, object, uploadId))) onLeftover();
    throw error;
  }
}

const partXml = (number: number, etag: string, { sha256 }: S3Body): string =>
  `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag><ChecksumSHA256>${sha256.toString("base64")}</ChecksumSHA256></Part>`;

/** What is not removed now is removed by a later start, see removeAbandonedUploads. Returns whether it was. */
export async function abortUpload(client: S3Client, object: string, uploadId: string): Promise<boolean> {
  const signal = AbortSignal.timeout(ABORT_MS);
  return client.call({ method: "DELETE", object, query: { uploadId } }, { accept: [404], signal }).then(
    () => true,
    () => false,
  );
}

/** Multipart uploads in progress, up to a thousand, by a prefix of their keys: by default the address's. */
export async function listUploads(
  client: S3Client,
  signal: AbortSignal | undefined,
  prefix: string = client.address.prefix,
) {
  const query = { uploads: "", prefix };
  const { root } = await client.call({ method: "GET", query }, { signal });
  return children(children(root, "ListMultipartUploadsResult")[0], "Upload").map((one) => ({
    object: text(one, "Key"),
    uploadId: text(one, "UploadId"),
    begunAt: Date.parse(text(one, "Initiated")),
  }));
}

/** Removes what processes that were killed had begun to write; a rule of the bucket may do so, too. */
export async function removeAbandonedUploads(client: S3Client, signal: AbortSignal | undefined): Promise<void> {
  const oldest = Date.now() - ABANDONED_MS;
  for (const { object, uploadId, begunAt } of await listUploads(client, signal)) {
    if (begunAt < oldest) await abortUpload(client, object, uploadId);
  }
}
