import { parseS3Address } from "../s3-address.js";
import { bodyOf } from "../s3-body.js";
import { connectS3, PAGE_KEYS } from "../s3-connect.js";
import { givenKeys } from "../s3-keys.js";
import { listPages } from "../s3-listing.js";
import { listUploads } from "../s3-upload.js";
import { children, text } from "../s3-xml.js";
import type { S3Server } from "./seaweed.js";

/** Reads and changes objects below a prefix of a bucket like a user. Keys are relative to the prefix. */
export interface TestBucket {
  read(key: string): Promise<Buffer>;
  headers(key: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Writes an object like another program, without a receipt. */
  write(key: string, body: string | Uint8Array, headers?: Readonly<Record<string, string>>): Promise<void>;
  erase(key: string): Promise<void>;
  /** Removes the bucket, which must be empty. */
  eraseBucket(): Promise<void>;
  keys(): Promise<string[]>;
  /** Keys of multipart uploads in progress, one per upload. */
  uploads(): Promise<string[]>;
  /** The bucket's history: a key per version written, and a key per removal. */
  versions(): Promise<{ readonly written: string[]; readonly removed: string[] }>;
}

/** Opens a prefix of a bucket, and creates the bucket if it is missing. */
export async function openTestBucket(
  server: Pick<S3Server, "endpoint" | "keys" | "bucket">,
  { bucket = server.bucket, prefix, versioned = false }: { bucket?: string; prefix: string; versioned?: boolean },
): Promise<TestBucket> {
  const address = parseS3Address(`s3://${bucket}/${prefix}?endpoint=${server.endpoint}`);
  const client = connectS3(address, givenKeys(server.keys));
  const root = address.prefix;
  if (bucket !== server.bucket) await client.call({ method: "PUT" }, { accept: [409] });
  if (versioned) {
    const body = bodyOf("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
    await client.call({ method: "PUT", query: { versioning: "" }, body });
  }
  const keyOf = (entry: Parameters<typeof text>[0]) => text(entry, "Key").slice(root.length);
  return {
    async read(key) {
      const response = await client.open({ method: "GET", object: root + key });
      const chunks: Buffer[] = [];
      for await (const chunk of client.bytesOf(response, undefined)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    async headers(key) {
      const { status, headers } = await client.call({ method: "HEAD", object: root + key }, { accept: [404] });
      return status === 404 ? undefined : headers;
    },
    async write(key, body, headers = {}) {
      await client.call({ method: "PUT", object: root + key, headers, body: bodyOf(body) });
    },
    async erase(key) {
      await client.call({ method: "DELETE", object: root + key });
    },
    async eraseBucket() {
      await client.call({ method: "DELETE" });
    },
    async keys() {
      const keys: string[] = [];
      for await (const page of listPages(client, { prefix: root, pageKeys: PAGE_KEYS, signal: undefined })) {
        keys.push(...children(page, "Contents").map(keyOf));
      }
      return keys;
    },
    async uploads() {
      return (await listUploads(client, undefined)).map(({ object }) => object.slice(root.length));
    },
    async versions() {
      const query = { versions: "", prefix: root, "max-keys": String(PAGE_KEYS) };
      const { root: answer } = await client.call({ method: "GET", query });
      const [result] = children(answer, "ListVersionsResult");
      if (text(result, "IsTruncated") === "true") throw new Error("There are more versions than a page has.");
      return {
        written: children(result, "Version").map(keyOf),
        removed: children(result, "DeleteMarker").map(keyOf),
      };
    },
  };
}
