import { dirname, resolve } from "node:path";
import { type Credentials, parseEntries, type SettingsReading, type SettingsTerms } from "@polyreel/pipeline/settings";
import type { S3Address } from "@polyreel/platform/blobs";

/** Buckets that sources may be fetched from, as the operator configured them. */
export interface BucketSettings {
  readonly name: string;
  /** Tenants that may use them; undefined: all. */
  readonly tenants: readonly string[] | undefined;
  /** Only keys that begin with its prefix are allowed. */
  readonly address: S3Address;
  /** The keys, in the form of the AWS tools. */
  readonly credentials: Credentials;
  /** Buckets besides the address's, with the same prefix. */
  readonly buckets: readonly string[];
}

/** As an entry of the file of destinations has, of type `s3`. */
const FIELDS = ["type", "tenants", "address", "credentials", "buckets"];

const terms: SettingsTerms = {
  plural: "buckets",
  singular: "bucket",
  variable: "POLYREEL_SOURCE_BUCKETS",
  reader: "planner",
};

/**
 * Parses the file of buckets: names with their settings. Paths in it are relative to it. Throws PolyreelError `invalid` that
 * names every wrong entry by line, and quotes no values.
 */
export const parseBuckets = (file: string, text: string): ReadonlyMap<string, BucketSettings> =>
  parseEntries(file, text, terms, (name, entry, reading) => settingsOf(name, entry, reading, dirname(resolve(file))));

export const bucketsFormat = { terms, parse: parseBuckets };

function settingsOf(name: string, given: unknown, reading: SettingsReading, home: string): BucketSettings | undefined {
  const entry = reading.fields(given, name);
  reading.known(entry, name, FIELDS);
  if (entry.type !== undefined) reading.oneOf(entry.type, `${name}.type`, ["s3"]);
  const tenants = reading.tenants(entry.tenants, `${name}.tenants`);
  const address = reading.s3Address(entry.address, `${name}.address`);
  const credentials = reading.credentials(entry.credentials, `${name}.credentials`, { home, tenants });
  const buckets = reading.buckets(entry.buckets, `${name}.buckets`);
  return address && { name, tenants, address, credentials, buckets };
}
