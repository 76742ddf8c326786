export { S3Destination } from "./s3-destination.js";
