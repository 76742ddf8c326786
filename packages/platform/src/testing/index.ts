export { type S3Server, SEAWEED, startSeaweed } from "../blobs/s3/testing/seaweed.js";
export { filesIn } from "../blobs/testing/files-in.js";
export { testConfinedRuns } from "../process/testing/runner-contract.js";
export { openPrivateStream } from "../stream/testing/private-stream.js";
export { freePort } from "./free-port.js";
