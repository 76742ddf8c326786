export type { AudioProbe, Probe, VideoProbe } from "./parse.js";
export { probe } from "./probe.js";
export { requireStill, requireVideo, soundTrack } from "./require.js";
