import type { Probe } from "../probe/parse.js";

/** Bit rate of the picture in kbit/s: as stated, or else what the sound leaves of the file. */
export function videoKbps({ sizeBytes, durationSeconds, video, audio, tracks = audio ? [audio] : [] }: Probe): number {
  if (video?.kbps !== undefined) return video.kbps;
  if (durationSeconds <= 0) return 0;
  const soundKbps = tracks.reduce((sum, { kbps = 0 }) => sum + kbps, 0);
  return Math.max(0, (sizeBytes * 8) / 1000 / durationSeconds - soundKbps);
}
