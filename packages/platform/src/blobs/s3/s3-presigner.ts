import { SignatureV4 } from "@smithy/signature-v4";
import type { Presign } from "../presign.js";
import type { S3Address } from "./s3-address.js";
import type { S3KeySource } from "./s3-keys.js";
import { Sha256 } from "./s3-signer.js";
import { urlOf } from "./s3-url.js";

interface SignedLink {
  readonly method: "GET" | "PUT";
  /** The complete key in the bucket. */
  readonly object: string;
  readonly query: Readonly<Record<string, string>>;
  /** Those that whoever uses the link must send with these values. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly lifetimeMs: number;
}

/**
 * Signs links to objects for anyone who has them. Nothing is sent. Undefined if the address has no endpoint for links: the one
 * of the services may be reachable only by them.
 */
export function linkSigner(address: S3Address, keys: S3KeySource): ((link: SignedLink) => Promise<string>) | undefined {
  const { publicEndpoint, region } = address;
  if (!publicEndpoint) return undefined;
  const signer = new SignatureV4({
    ...{ service: "s3", region, credentials: keys, sha256: Sha256 },
    ...{ uriEscapePath: false, applyChecksum: false },
  });
  return async ({ method, object, query, headers, lifetimeMs }) => {
    const url = urlOf({ ...address, endpoint: publicEndpoint }, { object });
    const request = {
      ...{ method, protocol: url.protocol, hostname: url.hostname, path: url.pathname, query: { ...query } },
      headers: { ...headers, host: url.host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
    };
    const signed = await signer.presign(request, { expiresIn: Math.floor(lifetimeMs / 1000) });
    const parameters = Object.entries(signed.query ?? {}) as [string, string][];
    return urlOf({ ...address, endpoint: publicEndpoint }, { object, query: Object.fromEntries(parameters) }).href;
  };
}

/** Makes links that give objects, by their complete keys in the bucket. */
export function s3Presigner(address: S3Address, keys: S3KeySource): Presign | undefined {
  const sign = linkSigner(address, keys);
  return (
    sign &&
    ((object, { lifetimeMs, contentType, contentDisposition }) =>
      sign({
        ...{ method: "GET", object, lifetimeMs },
        query: {
          ...(contentType && { "response-content-type": contentType }),
          ...(contentDisposition && { "response-content-disposition": contentDisposition }),
        },
      }))
  );
}
