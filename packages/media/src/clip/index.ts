export { type ClipSource, type EncodedClip, encodeClip, type OverlayImage } from "./encode.js";
export { encodeTransition } from "./encode-transition.js";
export { formatOf, framesToSamples, framesToSeconds, secondsToFrames, secondsToFramesUp } from "./format.js";
