import { keysInFile, type S3KeySource, type S3Terms } from "@polyreel/platform/s3";

const RIGHTS =
  "s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads";

/** Wording of errors about a destination on S3. */
export const destinationTerms = (name: string): S3Terms => ({
  subject: (location) => `${titleOf(name)} (${location})`,
  address: `the address of ${titleOf(name)}`,
  mayCreate: false,
  keysOrigin: "keys are in the file that its `credentials` names",
  missingBucketRemedy: `Create it, or correct the bucket or the endpoint in the address of ${titleOf(name)}.`,
  keysRemedy: `Correct the credentials file of ${titleOf(name)}: a corrected file is noticed without a restart.`,
  rightsRemedy: `Grant them ${RIGHTS} on the bucket; for \`public: true\` also s3:PutObjectAcl, which a block of public access overrules.`,
});

/** Keys of a destination's credentials file, in the format of `~/.aws/credentials`; a replaced file is noticed. */
export const destinationKeys = (name: string, path: string): S3KeySource =>
  keysInFile(path, Date.now, { file: `The credentials file of ${titleOf(name)}`, origin: "Its `credentials`" });

const titleOf = (name: string): string => `the destination ${JSON.stringify(name)}`;
