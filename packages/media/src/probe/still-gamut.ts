import { embeddedProfile } from "../colour/embedded-profile.js";
import { type Gamut, taggedGamut } from "../colour/gamut.js";
import { gamutOfProfile } from "../colour/icc-profile.js";
import { heifColour } from "../heif/heif-colour.js";
import type { Sniffed } from "./sniff.js";

/** Colour conversion of a still: by its profile if it has one, otherwise by its tags, which gave `tagged`. */
export async function stillGamut(
  path: string,
  sniffed: Sniffed,
  tagged: Gamut | undefined,
): Promise<Gamut | undefined> {
  if (sniffed.kind === "still") {
    const profile = await embeddedProfile(path);
    return profile ? gamutOfProfile(profile) : tagged;
  }
  if (sniffed.kind !== "heif") return tagged;
  const { profile, primaries, transfer } = await heifColour(path);
  return profile ? gamutOfProfile(profile) : (taggedGamut(primaries, transfer) ?? tagged);
}
