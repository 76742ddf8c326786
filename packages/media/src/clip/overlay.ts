import { type ClipFormat, secondsToFrames } from "./format.js";
import { type Stretch, wholeFrames } from "./whole-choice.js";

/** A picture above the clip: a PNG with transparency, and the position of its upper left corner on the canvas. */
export interface OverlayImage {
  path: string;
  x: number;
  y: number;
  /**
   * Start of its visibility, in seconds of the whole choice that the clip is a stretch of. From the first frame to the
   * last by default. Negative: it has appeared before.
   */
  fromSeconds?: number;
  toSeconds?: number;
  /** Within that time. */
  fadeInSeconds?: number;
  fadeOutSeconds?: number;
}

/** Visibility of an overlay, in frames of the whole choice. */
export interface Presence {
  from: number;
  /** The first frame without it; Infinity if it stays to the end. */
  to: number;
  fadeIn: number;
  fadeOut: number;
}

/** The actual position of an overlay: chroma has half the resolution. */
export const evenDown = (length: number): number => 2 * Math.floor(length / 2);

/** Whether an overlay appears, disappears or fades, and so needs a frame for every change. */
export const isTimed = ({ fromSeconds, toSeconds, fadeInSeconds, fadeOutSeconds }: OverlayImage): boolean =>
  (fromSeconds ?? 0) > 0 || toSeconds !== undefined || (fadeInSeconds ?? 0) > 0 || (fadeOutSeconds ?? 0) > 0;

/** Seconds to frames, rounded to the nearest like all others, so that adjacent overlays neither overlap nor leave a gap. */
export function presenceOf(overlay: OverlayImage, format: ClipFormat): Presence {
  const frames = (seconds: number) => Math.max(0, secondsToFrames(seconds, format));
  return {
    // Negative if it has appeared before the choice begins.
    from: secondsToFrames(overlay.fromSeconds ?? 0, format),
    to: overlay.toSeconds === undefined ? Number.POSITIVE_INFINITY : frames(overlay.toSeconds),
    fadeIn: frames(overlay.fadeInSeconds ?? 0),
    fadeOut: frames(overlay.fadeOutSeconds ?? 0),
  };
}

/**
 * Opacity of an overlay (0 to 1) in a frame of a choice of `whole` frames. A fade of n frames has n steps between
 * nothing and all: its first and last frames differ from their neighbours.
 */
export function opacityAt({ from, to, fadeIn, fadeOut }: Presence, frame: number, whole: number): number {
  if (frame < from || frame >= to) return 0;
  const coming = (frame - from + 1) / (fadeIn + 1);
  // One that goes on after the choice fades out there.
  const going = ((Number.isFinite(to) ? to : whole) - frame) / (fadeOut + 1);
  return Math.max(0, Math.min(1, coming, going));
}

/** Overlays visible for a number of frames: their indices, the lowest first, each with its opacity in 255ths. */
export interface OverlayState {
  shown: readonly { overlay: number; opacity: number }[];
  frames: number;
}

/** The states of the overlays through a stretch; consecutive ones differ. Together as long as the stretch. */
export function overlayStates(
  overlays: readonly OverlayImage[],
  stretch: Stretch & { format: ClipFormat },
): OverlayState[] {
  const whole = wholeFrames(stretch);
  const shown: { overlay: number; opacity: number }[][] = Array.from(
    { length: stretch.frames + stretch.holdFrames },
    () => [],
  );
  // Frames held after the choice's end look like its last one.
  const frameAt = (i: number) => Math.min(stretch.framesBefore + i, whole - 1);
  overlays.forEach((image, overlay) => {
    const presence = presenceOf(image, stretch.format);
    const end = presence.to < whole ? presence.to - stretch.framesBefore : shown.length;
    for (
      let i = Math.max(0, Math.min(presence.from, whole - 1) - stretch.framesBefore);
      i < Math.min(end, shown.length);
      i++
    ) {
      const opacity = Math.round(255 * opacityAt(presence, frameAt(i), whole));
      if (opacity > 0) shown[i]?.push({ overlay, opacity });
    }
  });
  const states: OverlayState[] = [];
  for (const now of shown) {
    const last = states.at(-1);
    if (last && isSame(last.shown, now)) last.frames++;
    else states.push({ shown: now, frames: 1 });
  }
  return states;
}

const isSame = (one: OverlayState["shown"], other: OverlayState["shown"]): boolean =>
  one.length === other.length &&
  one.every(({ overlay, opacity }, i) => overlay === other[i]?.overlay && opacity === other[i]?.opacity);
