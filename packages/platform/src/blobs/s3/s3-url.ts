import type { S3Address } from "./s3-address.js";

interface Addressed {
  /** An object's complete key in the bucket; undefined for the bucket itself. */
  readonly object?: string;
  readonly query?: Readonly<Record<string, string>>;
}

/**
 * The URL of a request. Servers compute signatures over the strict encoding of RFC 3986, in which only letters, digits and
 * `-._~` stand for themselves, so the URL must use it.
 */
export function urlOf({ endpoint, bucket, pathStyle }: S3Address, { object = "", query = {} }: Addressed): URL {
  const url = new URL(endpoint);
  const path = object.split("/").map(strictlyEncoded).join("/");
  if (pathStyle) url.pathname = object === "" ? `/${bucket}` : `/${bucket}/${path}`;
  else {
    url.hostname = `${bucket}.${endpoint.hostname}`;
    url.pathname = `/${path}`;
  }
  const pairs = Object.entries(query).map(([name, value]) => `${strictlyEncoded(name)}=${strictlyEncoded(value)}`);
  url.search = pairs.join("&");
  return url;
}

export const strictlyEncoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
