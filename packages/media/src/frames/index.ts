export { extractFrames } from "./extract-frames.js";
export { BYTES_PER_PIXEL, type Picture } from "./picture.js";
