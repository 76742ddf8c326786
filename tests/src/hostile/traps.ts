import { bombs } from "./bombs.js";
import { films } from "./films.js";
import { fonts } from "./fonts.js";
import { nestings } from "./nestings.js";
import { type Bait, playlists } from "./playlists.js";

/** A malicious file, with its name. */
export interface Trap {
  readonly name: string;
  readonly bytes: Buffer;
}

/** All that need no encoder: files that refer to others, that claim or decompress to absurd sizes, that nest endlessly. */
export const allTraps = (bait: Bait): Trap[] => [...playlists(bait), ...bombs(), ...nestings(), ...fonts(), ...films()];
