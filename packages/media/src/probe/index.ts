export type { Probe } from "./parse.js";
export { probe } from "./probe.js";
export { requireStill, requireVideo, soundTrack } from "./require.js";
