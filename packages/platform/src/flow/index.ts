export { Pipeline } from "./pipeline.js";
export { type BackOff, delayAfter, retry, retryUnlessAborted, spread } from "./retry.js";
export { type OnProgress, SharedWork } from "./shared-work.js";
