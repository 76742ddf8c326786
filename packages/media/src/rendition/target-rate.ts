import { sourceError } from "@polyreel/platform";
import type { TranscodePlan } from "./transcode-plan.js";

/** The share of a target size that the container's tables take, and that encoders exceed an average by. */
export const TARGET_SHARE = 0.97;
/** Less is not worth watching. */
export const LOWEST_KBPS = 16;
/** A guess, for copied sound. */
const COPIED_SOUND_KBPS = 192;

type Streams = Pick<TranscodePlan, "video" | "audio">;

const secondsOf = ({ video }: Streams): number => Math.max(video.seconds, 0.1);
const soundKbpsOf = ({ audio }: Streams): number => audio?.encode?.kbps ?? (audio ? COPIED_SOUND_KBPS : 0);

/** The picture's bit rate in kbit/s that a file of a target size allows. Throws PolyreelError `invalid` if it is too low. */
export function targetKbps(plan: Streams, targetMegabytes: number): number {
  const kbps = (targetMegabytes * 8000 * TARGET_SHARE) / secondsOf(plan) - soundKbpsOf(plan);
  if (kbps >= LOWEST_KBPS) return kbps;
  throw targetTooSmall(plan, targetMegabytes);
}

export function targetTooSmall(plan: Streams, targetMegabytes: number) {
  const { width, height } = plan.video;
  const least = ((LOWEST_KBPS * 2 + soundKbpsOf(plan)) * secondsOf(plan)) / 8000;
  return sourceError({
    field: "targetMegabytes",
    reason: `${secondsOf(plan).toFixed(1)} s of this video can't be encoded in ${targetMegabytes} MB at ${width}x${height}.`,
    remedy: `Allow at least about ${Math.max(0.01, least).toFixed(2)} MB, or make it shorter.`,
  });
}
