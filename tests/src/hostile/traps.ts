import { bombs } from "./bombs.js";
import { films } from "./films.js";
import { fonts } from "./fonts.js";
import { nestings } from "./nestings.js";
import { type Bait, playlists } from "./playlists.js";

/** A file that was made to do harm, with the name it goes by. */
export interface Trap {
  readonly name: string;
  readonly bytes: Buffer;
}

/** All that take no making: files that refer to others, that claim or unpack to absurd sizes, that nest without end. */
export const allTraps = (bait: Bait): Trap[] => [...playlists(bait), ...bombs(), ...nestings(), ...fonts(), ...films()];
