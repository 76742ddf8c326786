export {
  type Fault,
  type FaultyProxy,
  type ProxiedRequest,
  refusal,
  startFaultyProxy,
} from "../blobs/s3/testing/faulty-proxy.js";
export { NEEDS_SEAWEED, type S3Server, SEAWEED, startSeaweed } from "../blobs/s3/testing/seaweed.js";
export { openTestBucket, type TestBucket } from "../blobs/s3/testing/test-bucket.js";
export { type SeaweedInUse, useSeaweed } from "../blobs/s3/testing/use-seaweed.js";
export { NEEDS_VERSITYGW, startVersitygw, VERSITYGW, type Versitygw } from "../blobs/s3/testing/versitygw.js";
export { filesIn } from "../blobs/testing/files-in.js";
export { testConfinedRuns } from "../process/testing/runner-contract.js";
export { openPrivateStream } from "../stream/testing/private-stream.js";
export { freePort } from "./free-port.js";
export { NEEDS_LINUX, needs } from "./needs.js";
export { TestAuthority, type TestCertificate } from "./test-authority.js";
