export { Pipeline } from "./pipeline.js";
export { type OnProgress, SharedWork } from "./shared-work.js";
