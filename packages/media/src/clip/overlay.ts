import { type ClipFormat, secondsToFrames } from "./format.js";
import { type Stretch, wholeFrames } from "./whole-choice.js";

/** A picture that lies over the clip: a PNG with transparency, and where its upper left corner lies on the canvas. */
export interface OverlayImage {
  path: string;
  x: number;
  y: number;
  /** When it is there, in seconds of the whole choice that the clip is a stretch of. From the first frame to the last. */
  fromSeconds?: number;
  toSeconds?: number;
  /** Within that time. */
  fadeInSeconds?: number;
  fadeOutSeconds?: number;
}

/** When an overlay is there, in frames of the whole choice. */
export interface Presence {
  from: number;
  /** The first frame without it; Infinity where it stays. */
  to: number;
  fadeIn: number;
  fadeOut: number;
}

/** Where an overlay really lies: colour has half the resolution. */
export const evenDown = (length: number): number => 2 * Math.floor(length / 2);

/** It comes, goes or fades, so that a frame for every change is needed. */
export const isTimed = ({ fromSeconds, toSeconds, fadeInSeconds, fadeOutSeconds }: OverlayImage): boolean =>
  (fromSeconds ?? 0) > 0 || toSeconds !== undefined || (fadeInSeconds ?? 0) > 0 || (fadeOutSeconds ?? 0) > 0;

/** Seconds to frames as everything else is: to the nearest, so that where one ends the next one begins. */
export function presenceOf(overlay: OverlayImage, format: ClipFormat): Presence {
  const frames = (seconds: number) => Math.max(0, secondsToFrames(seconds, format));
  return {
    from: frames(overlay.fromSeconds ?? 0),
    to: overlay.toSeconds === undefined ? Number.POSITIVE_INFINITY : frames(overlay.toSeconds),
    fadeIn: frames(overlay.fadeInSeconds ?? 0),
    fadeOut: frames(overlay.fadeOutSeconds ?? 0),
  };
}

/**
 * How much of an overlay is seen (0 to 1) in a frame of a choice of `whole` frames. A fade of n frames has n steps between
 * nothing and all: neither its first nor its last frame looks like the one beside it.
 */
export function opacityAt({ from, to, fadeIn, fadeOut }: Presence, frame: number, whole: number): number {
  if (frame < from || frame >= to) return 0;
  const coming = (frame - from + 1) / (fadeIn + 1);
  const going = (Math.min(to, whole) - frame) / (fadeOut + 1);
  return Math.max(0, Math.min(1, coming, going));
}

/** What is seen for a while: overlays by their numbers, the lowest first, each with its opacity in 255ths. */
export interface OverlayState {
  shown: readonly { overlay: number; opacity: number }[];
  frames: number;
}

/** The states of the overlays through a stretch, each different from the one before it. Together as long as the stretch. */
export function overlayStates(
  overlays: readonly OverlayImage[],
  stretch: Stretch & { format: ClipFormat },
): OverlayState[] {
  const whole = wholeFrames(stretch);
  const shown: { overlay: number; opacity: number }[][] = Array.from(
    { length: stretch.frames + stretch.holdFrames },
    () => [],
  );
  // What is held after the choice's end looks as that end does.
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
