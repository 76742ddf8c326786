import { create } from "@bufbuild/protobuf";
import { Platform, type Sides, SidesSchema } from "@polyreel/contract";

/**
 * What platforms cover of a canvas of 9:16 with their own controls, rounded up. Sources:
 * docs/decisions/0066-texts-that-one-would-ship.md.
 */
const SAFE_AREAS: Readonly<Record<Exclude<Platform, Platform.UNSPECIFIED>, Omit<Sides, "$typeName">>> = {
  [Platform.TIKTOK]: { top: 0.08, right: 0.14, bottom: 0.25, left: 0.06 },
  [Platform.REELS]: { top: 0.14, right: 0.06, bottom: 0.35, left: 0.06 },
  [Platform.SHORTS]: { top: 0.15, right: 0.18, bottom: 0.35, left: 0.05 },
  [Platform.FEED]: { top: 0.18, right: 0.06, bottom: 0.18, left: 0.06 },
};

/** Undefined for platforms that this release does not know. */
export function safeAreaOf(platform: Platform): Sides | undefined {
  const sides = platform === Platform.UNSPECIFIED ? undefined : SAFE_AREAS[platform];
  return sides && create(SidesSchema, sides);
}
