import { lowerRung } from "@polyreel/spec";
import type { MediaFacts } from "../media/media-facts.js";

/** Qualities of videos by their shorter side, so that portrait videos keep their resolution; lowest first. */
const SHORT_SIDES = { "480p": 480, "720p": 720, "1080p": 1080, "4k": 2160 } as const;

export type Quality = keyof typeof SHORT_SIDES;

export const QUALITIES = Object.keys(SHORT_SIDES) as Quality[];

/** The one that is best. */
export const bestOf = (qualities: readonly Quality[]): Quality | undefined =>
  QUALITIES.findLast((quality) => qualities.includes(quality));

/** The highest one that a video can be made in, if this one would enlarge it. */
export function qualityBelow(quality: Quality, { picture }: MediaFacts): Quality | undefined {
  const rung = picture && lowerRung(SHORT_SIDES[quality], picture);
  return QUALITIES.find((one) => SHORT_SIDES[one] === rung);
}

/**
 * Those that a video is made in without being asked for: none above its own size, but always the lowest, which players
 * can rely on. Pure.
 */
export function qualitiesUpTo(qualities: readonly Quality[], { picture }: MediaFacts): Quality[] {
  const own = Math.min(picture?.width ?? 0, picture?.height ?? 0);
  const lowest = QUALITIES.find((quality) => qualities.includes(quality));
  return qualities.filter((quality) => quality === lowest || SHORT_SIDES[quality] <= own);
}
