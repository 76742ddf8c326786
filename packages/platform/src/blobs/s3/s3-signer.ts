import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { S3Address } from "./s3-address.js";
import type { S3KeySource } from "./s3-keys.js";

export interface UnsignedRequest {
  readonly method: string;
  /** With path and query. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** Returns the headers of a request, with its signature. */
export type S3Signer = (request: UnsignedRequest) => Promise<Record<string, string>>;

/** Signs with AWS Signature Version 4. The signature covers the SHA-256 of the body, which the server verifies. */
export function s3Signer({ region }: Pick<S3Address, "region">, keys: S3KeySource): S3Signer {
  const signer = new SignatureV4({
    service: "s3",
    region,
    credentials: keys,
    sha256: Sha256,
    uriEscapePath: false, // S3 signs paths as they are sent.
    applyChecksum: false, // The caller sets the header.
  });
  return async ({ method, url, headers }) => {
    const signed = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...headers, host: url.host },
    });
    return signed.headers;
  };
}

/** Node's hashes behind the signer's interface. */
export class Sha256 {
  readonly #create: () => Hash | Hmac;
  #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#create = secret === undefined ? () => createHash("sha256") : () => createHmac("sha256", view(secret));
    this.#hash = this.#create();
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(view(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#create();
  }
}

function view(data: string | ArrayBuffer | ArrayBufferView): string | NodeJS.ArrayBufferView {
  return data instanceof ArrayBuffer ? new Uint8Array(data) : (data as string | NodeJS.ArrayBufferView);
}
