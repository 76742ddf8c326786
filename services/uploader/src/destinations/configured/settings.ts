import type { Credentials } from "@polyreel/pipeline/settings";
import type { S3Address } from "@polyreel/platform/blobs";
import type { DriveScope } from "../drive/google-endpoints.js";

interface CommonSettings {
  /** As batches name the destination. */
  readonly name: string;
  /** Tenants that may use it; undefined: all. */
  readonly tenants: readonly string[] | undefined;
}

/** A folder of the uploader's machine, such as an archive disk. It must exist. */
export interface FolderSettings extends CommonSettings {
  readonly type: "folder";
  readonly path: string;
}

export interface S3Settings extends CommonSettings {
  readonly type: "s3";
  readonly address: S3Address;
  /** The keys, in the form of the AWS tools. */
  readonly credentials: Credentials;
  /** Buckets that batches can name besides the address's. */
  readonly buckets: readonly string[];
}

export interface DriveSettings extends CommonSettings {
  readonly type: "drive";
  /** The keys of a service account, or a user's refresh token. */
  readonly credentials: Credentials;
  /** Below which everything is delivered: an existing folder, or a path that is created. Undefined: the drive's root. */
  readonly folder: { readonly id: string } | { readonly path: string } | undefined;
  /** Id of a shared drive. Undefined: the account's own. */
  readonly sharedDrive: string | undefined;
  /** What a service account may use; undefined: only the files that it created. */
  readonly scope: DriveScope | undefined;
  /** Origin of a server that speaks Drive's protocol, or of a proxy; undefined: Google's own. */
  readonly endpoint: string | undefined;
}

/** A destination as its operator configured it. */
export type DestinationSettings = FolderSettings | S3Settings | DriveSettings;
