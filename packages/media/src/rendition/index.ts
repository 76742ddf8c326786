export { foreseeFile, makeFile } from "./make-file.js";
export type { MadeRendition } from "./transcode.js";
