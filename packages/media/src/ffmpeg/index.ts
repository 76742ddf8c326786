export type { FfmpegInput } from "./arguments.js";
export { av1Encoder, clipEncoder, ffmpegVersion, prepareEngines, renditionEngine, soundEncoder } from "./build.js";
export { findProgram } from "./child.js";
export { runFfmpeg, runFfprobe } from "./run.js";
