export type { FfmpegInput } from "./arguments.js";
export { clipEncoder, ffmpegVersion, soundEncoder } from "./build.js";
export { findProgram } from "./child.js";
export { runFfmpeg, runFfprobe } from "./run.js";
