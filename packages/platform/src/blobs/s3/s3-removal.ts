import { createHash } from "node:crypto";
import { checkedKey } from "../keys.js";
import type { BlobStore } from "../store.js";
import { bodyOf } from "./s3-body.js";
import type { S3Client } from "./s3-client.js";
import { refusalFailure, S3Refusal } from "./s3-errors.js";
import { children, escapeXml, text } from "./s3-xml.js";

/** S3's limit. */
const REMOVED_AT_ONCE = 1000;

/** Removes objects, up to a thousand per request. */
export function s3Removal(client: S3Client): Pick<BlobStore, "remove"> {
  const { address } = client;
  return {
    async remove(keys, { signal } = {}) {
      for (const key of keys) checkedKey(key); // Nothing is removed if one of them is invalid.
      signal?.throwIfAborted();
      for (let i = 0; i < keys.length; i += REMOVED_AT_ONCE) {
        const objects = keys.slice(i, i + REMOVED_AT_ONCE).map((key) => objectXml(address.prefix + key));
        const xml = `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${objects.join("")}</Delete>`;
        const headers = { "content-md5": createHash("md5").update(xml).digest("base64") }; // S3 requires it.
        const request = { method: "POST", query: { delete: "" }, headers, body: bodyOf(xml) } as const;
        const { root, status } = await client.call(request, { signal });
        for (const error of children(children(root, "DeleteResult")[0], "Error")) {
          const s3Code = text(error, "Code");
          if (s3Code !== "NoSuchKey") throw refusalFailure(new S3Refusal(status, s3Code, ""), { address }).error;
        }
      }
    },
  };
}

const objectXml = (object: string): string => `<Object><Key>${escapeXml(object)}</Key></Object>`;
