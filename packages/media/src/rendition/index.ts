export { requireHardware } from "./hardware/find-hardware.js";
export { type HardwareEncoder, hardwareEncoders, hardwareOf } from "./hardware/hardware-encoder.js";
export { foreseeFile, foreseeSoundTrack, makeFile } from "./make-file.js";
export { clipTrack, probeOfClip } from "./tracks/clip-track.js";
export { certifyTracks, layOutTracks, type Tracks } from "./tracks/join-tracks.js";
export { soundTrack } from "./tracks/sound-track.js";
export {
  clipSettings,
  isMadeOfTracks,
  isSoundTrack,
  keepsSound,
  rateAfter,
  soundSettings,
} from "./tracks/track-scope.js";
export type { MadeRendition } from "./transcode.js";
