import { SignatureV4 } from "@smithy/signature-v4";
import type { Presign, PresignOptions } from "../presign.js";
import type { S3Address } from "./s3-address.js";
import type { S3KeySource } from "./s3-keys.js";
import { Sha256 } from "./s3-signer.js";
import { urlOf } from "./s3-url.js";

/**
 * Makes links to objects, by their complete keys in the bucket, for anyone who has them. Nothing is sent. Undefined if the
 * address has no endpoint for links: the one of the services may be reachable only by them.
 */
export function s3Presigner(address: S3Address, keys: S3KeySource): Presign | undefined {
  const { publicEndpoint, region } = address;
  if (!publicEndpoint) return undefined;
  const signer = new SignatureV4({
    ...{ service: "s3", region, credentials: keys, sha256: Sha256 },
    ...{ uriEscapePath: false, applyChecksum: false },
  });
  return async (object, { lifetimeMs, contentType, contentDisposition }: PresignOptions) => {
    const query = {
      ...(contentType && { "response-content-type": contentType }),
      ...(contentDisposition && { "response-content-disposition": contentDisposition }),
    };
    const url = urlOf({ ...address, endpoint: publicEndpoint }, { object });
    const request = {
      ...{ method: "GET", protocol: url.protocol, hostname: url.hostname, path: url.pathname, query },
      headers: { host: url.host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
    };
    const expiresIn = Math.floor(lifetimeMs / 1000);
    const signed = await signer.presign(request, { expiresIn });
    const parameters = Object.entries(signed.query ?? {}) as [string, string][];
    return urlOf({ ...address, endpoint: publicEndpoint }, { object, query: Object.fromEntries(parameters) }).href;
  };
}
