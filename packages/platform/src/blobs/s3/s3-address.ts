import { PolyreelError } from "../../errors.js";
import { isKey } from "../keys.js";
import { type S3Terms, STORE_TERMS } from "./s3-terms.js";

/** Address of a store or destination on S3: `s3://bucket/prefix?endpoint=http://host:9000&region=eu-west-1`. */
export interface S3Address {
  readonly bucket: string;
  /** Prefix of all its keys in the bucket: empty, or segments that end in "/". */
  readonly prefix: string;
  readonly endpoint: URL;
  /** Where clients outside reach the server, for links that lead to it; without it, gateways make all links. */
  readonly publicEndpoint: URL | undefined;
  readonly region: string;
  /** `http://host/bucket/key` instead of `http://bucket.host/key`. */
  readonly pathStyle: boolean;
  /** Whether a missing bucket is created. */
  readonly create: boolean;
  /** How errors refer to it. */
  readonly terms: S3Terms;
}

const PARAMETERS = ["endpoint", "publicEndpoint", "region", "pathStyle", "create"] as const;
const DEFAULT_REGION = "us-east-1";
/** S3's rules for bucket names; other servers apply the same. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const REGION = /^[A-Za-z0-9-]{1,64}$/;

export const isS3Address = (address: string): boolean => /^s3:/i.test(address);

/** The location for users, without parameters. */
export const describeS3 = ({ bucket, prefix, endpoint }: S3Address): string =>
  `s3://${bucket}/${prefix} at ${endpoint.origin}`;

/**
 * Parses an address. Defaults: Amazon's endpoint of the region with virtual-host style; path style with an explicit
 * endpoint. Throws PolyreelError `invalid`, whose text shows no user or password.
 */
export function parseS3Address(text: string, terms = STORE_TERMS): S3Address {
  const refused = (what: string) => refusal(what, terms);
  const known = PARAMETERS.filter((name) => name !== "create" || terms.mayCreate);
  const url = parseUrl(text);
  if (url?.protocol !== "s3:") throw refused("does not begin with s3://");
  const { searchParams } = url;
  if (url.username || url.password) throw refused("contains a user or password");
  if (url.port || !BUCKET.test(url.hostname)) throw refused(`has no valid bucket name: ${JSON.stringify(url.host)}`);
  const folder = url.pathname.replace(/^\/|\/$/g, "");
  if (folder !== "" && !isKey(folder)) throw refused(`has the prefix ${JSON.stringify(folder.slice(0, 80))}`);
  for (const name of searchParams.keys()) {
    if (!(known as readonly string[]).includes(name)) {
      throw refused(
        `has the unknown parameter ${JSON.stringify(name.slice(0, 40))}; valid ones are ${known.join(", ")}`,
      );
    }
  }
  const region = searchParams.get("region") ?? DEFAULT_REGION;
  if (!REGION.test(region)) throw refused("has no valid region");
  const given = searchParams.get("endpoint");
  const endpoint = given === null ? new URL(`https://s3.${region}.amazonaws.com`) : checkedEndpoint(given, refused);
  const outside = searchParams.get("publicEndpoint");
  const publicEndpoint = outside === null ? undefined : checkedEndpoint(outside, refused);
  // A certificate for *.host does not cover a bucket with a dot in its name.
  const pathStyle = flag(searchParams, "pathStyle", refused) ?? (given !== null || url.hostname.includes("."));
  const create = flag(searchParams, "create", refused) ?? false;
  return {
    bucket: url.hostname,
    prefix: folder && `${folder}/`,
    endpoint,
    publicEndpoint,
    region,
    pathStyle,
    create,
    terms,
  };
}

const parseUrl = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

type Refused = (what: string) => PolyreelError;

function checkedEndpoint(text: string, refused: Refused): URL {
  const url = parseUrl(text);
  const plain = url && /^https?:$/.test(url.protocol) && url.pathname === "/" && !url.search && !url.hash;
  if (!plain) throw refused("has no valid endpoint");
  if (url.username || url.password) throw refused("contains a user or password");
  return url;
}

function flag(parameters: URLSearchParams, name: string, refused: Refused): boolean | undefined {
  const value = parameters.get(name);
  if (value === null) return undefined;
  if (value !== "true" && value !== "false") throw refused(`must have ${name}=true or ${name}=false`);
  return value === "true";
}

const refusal = (what: string, { address, keysOrigin }: S3Terms): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `T${address.slice(1)} ${what}.`,
    remedy: `Write it as s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1; ${keysOrigin}.`,
  });
