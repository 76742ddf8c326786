import { s3SourceOf } from "@polyreel/contract";
import { type Secrets, type SettingsFile, s3KeysOf } from "@polyreel/pipeline/settings";
import { PolyreelError } from "@polyreel/platform";
import { type OpenObject, S3Prefix } from "@polyreel/platform/s3";
import { shownUrl } from "@polyreel/platform/web";
import { quote } from "@polyreel/spec";
import type { FetchLimits } from "../limits.js";
import type { BucketSettings } from "./bucket-settings.js";
import { bucketTerms, titleOf } from "./bucket-terms.js";

/** Buckets that a tenant may name in sources. */
export interface TenantBuckets {
  /**
   * Opens the object of an address `s3://bucket/key`; undefined if it does not exist. Throws PolyreelError `invalid` for an
   * address that is not allowed, and the server's refusals.
   */
  open(address: string, signal: AbortSignal): Promise<OpenObject | undefined>;
}

/** The buckets of the operator's file. A batch names a bucket; where its server is, and with which keys, only the file says. */
export class SourceBuckets {
  /** By settings: an entry of a replaced file is another one. */
  readonly #opened = new WeakMap<BucketSettings, Map<string, S3Prefix>>();

  constructor(
    private readonly file: Pick<SettingsFile<BucketSettings>, "current">,
    private readonly limits: Pick<FetchLimits, "stallMs">,
    private readonly secrets: Secrets,
  ) {}

  of(tenant: string): TenantBuckets {
    return {
      open: async (address, signal) => {
        const { bucket, key } = checkedObject(address);
        const allowed = [...(await this.file.current()).values()].filter(isFor(tenant));
        const settings = entryFor(bucket, key, allowed);
        return this.#prefixOf(settings, bucket).open(key.slice(settings.address.prefix.length), signal);
      },
    };
  }

  #prefixOf(settings: BucketSettings, bucket: string): S3Prefix {
    const byBucket = this.#opened.get(settings) ?? new Map<string, S3Prefix>();
    this.#opened.set(settings, byBucket);
    const known = byBucket.get(bucket);
    if (known) return known;
    const { name, credentials } = settings;
    const opened = new S3Prefix({
      address: { ...settings.address, bucket },
      terms: bucketTerms(name),
      keys: s3KeysOf(credentials, titleOf(name), this.secrets),
      deadlineMs: this.limits.stallMs,
    });
    byBucket.set(bucket, opened);
    return opened;
  }
}

const isFor =
  (tenant: string) =>
  ({ tenants }: BucketSettings): boolean =>
    tenants === undefined || tenants.includes(tenant);

const bucketsOf = ({ address, buckets }: BucketSettings): readonly string[] => [address.bucket, ...buckets];

/** The entry with the longest prefix of the key: a narrower one may have keys of its own. */
function entryFor(bucket: string, key: string, allowed: readonly BucketSettings[]): BucketSettings {
  const entries = allowed.filter((one) => bucketsOf(one).includes(bucket));
  const [entry] = entries
    .filter(({ address }) => key.startsWith(address.prefix))
    .sort((a, b) => b.address.prefix.length - a.address.prefix.length);
  if (entry) return entry;
  if (entries.length > 0) {
    const prefixes = entries.map(({ address }) => quote(address.prefix)).join(" or ");
    throw new PolyreelError("invalid", {
      reason: `Sources in the bucket ${quote(bucket)} must have keys that begin with ${prefixes}.`,
      remedy: "Move the object there, or ask the operator to allow its place.",
    });
  }
  const names = [...new Set(allowed.flatMap(bucketsOf))].sort().map((one) => quote(one));
  throw new PolyreelError("invalid", {
    reason: `The bucket ${quote(bucket)} is not allowed for sources of this tenant.`,
    remedy:
      names.length === 0
        ? "The operator allows buckets in the file that POLYREEL_SOURCE_BUCKETS of the planner names."
        : `Its buckets are ${names.join(", ")}; the operator allows others in the file that POLYREEL_SOURCE_BUCKETS names.`,
  });
}

/** Servers that resolve "." and ".." in keys would leave the prefix. */
const UNSAFE = /(^|\/)\.{1,2}(\/|$)|\p{Cc}/u;

function checkedObject(address: string): { readonly bucket: string; readonly key: string } {
  const object = s3SourceOf(address);
  const refused = (what: string, remedy: string) =>
    new PolyreelError("invalid", { reason: `${shownUrl(address)} ${what}.`, remedy });
  const EXAMPLE = "Write s3://, the bucket, and the key of the object, as in s3://footage/spring/hook.mp4.";
  if (!object || object.bucket === "" || object.key === "" || object.key.endsWith("/")) {
    throw refused("names no object", EXAMPLE);
  }
  if (address.includes("?")) {
    throw refused(
      'is followed by a "?"',
      "Leave out what follows: the operator configures endpoints and keys. Put an object with such a key in the store.",
    );
  }
  if (UNSAFE.test(object.key)) {
    throw refused('has a key with "." or ".." as a segment, or control characters', "Rename the object.");
  }
  return object;
}
