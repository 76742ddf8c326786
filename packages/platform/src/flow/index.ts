export { Pipeline } from "./pipeline.js";
export { delayAfter, retry, retryUnlessAborted, spread } from "./retry.js";
export { type OnProgress, SharedWork } from "./shared-work.js";
