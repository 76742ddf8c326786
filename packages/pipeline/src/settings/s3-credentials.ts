import { keysIn, keysInFile, type S3KeySource } from "@polyreel/platform/s3";
import type { Credentials } from "./credentials.js";
import type { Secrets } from "./secrets.js";

/**
 * The keys of an entry, in the format of `~/.aws/credentials`; a replaced file or secret is noticed. `of`: the entry, as in
 * `the destination "ads"`.
 */
export function s3KeysOf(credentials: Credentials, of: string, secrets: Secrets): S3KeySource {
  if ("file" in credentials) {
    return keysInFile(credentials.file, Date.now, {
      file: `The credentials file of ${of}`,
      origin: "Its `credentials`",
    });
  }
  const { secret } = credentials;
  return keysIn(async () => (await secrets.read(secret, of)).value, `The secret of ${of}`);
}
