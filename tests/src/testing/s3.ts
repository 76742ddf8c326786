import { join } from "node:path";
import type { S3Server } from "@polyreel/platform/testing";

/** Variables of services whose store is in the server's bucket, under a prefix, with their cache in a folder. */
export const storeOnS3 = (
  { bucket, endpoint, keys }: S3Server,
  prefix: string,
  folder: string,
): Record<string, string> => ({
  POLYREEL_STORE: `s3://${bucket}/tests/${prefix}?endpoint=${endpoint}&create=true`,
  POLYREEL_CACHE: join(folder, "cache"),
  POLYREEL_CACHE_BYTES: "100MB",
  AWS_ACCESS_KEY_ID: keys.accessKeyId,
  AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
});
