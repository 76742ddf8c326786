export { filesIn } from "../blobs/testing/files-in.js";
