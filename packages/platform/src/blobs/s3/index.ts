export { abortable } from "../abortable.js";
export { EMPTY_BODY, inParts, type S3Body } from "./s3-body.js";
export { S3Refusal } from "./s3-errors.js";
export { givenKeys, keysIn, keysInFile, type S3KeySource } from "./s3-keys.js";
export { WRITE_HEADER } from "./s3-objects.js";
export { type OpenObject, S3Prefix, type S3PrefixOptions, type WriteCondition } from "./s3-prefix.js";
export type { S3Terms } from "./s3-terms.js";
