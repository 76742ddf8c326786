import { makeBed, makeFootages } from "../media/footage.js";
import type { Size } from "../scale.js";
import type { Workshop } from "../workshop.js";

/** Blocks with the same number of choices each, as files. */
export interface Grid {
  readonly folder: string;
  readonly size: Size;
  /** Choices of each block. */
  readonly footage: readonly (readonly string[])[];
  readonly bed: string;
  readonly keepSound: boolean;
  /** Length of the choice at this position of a block. */
  readonly secondsOf: (choice: number) => number;
}

export interface GridShape {
  readonly size: Size;
  readonly blocks: number;
  readonly choices: number;
  readonly clipSeconds: number;
  /** Lengths of a block's choices, as multiples of `clipSeconds`, repeated. All equal by default. */
  readonly lengths?: readonly number[];
  readonly keepSound?: boolean;
}

export async function makeGrid(name: string, shape: GridShape, { folder, signal }: Workshop): Promise<Grid> {
  const { size, blocks, choices, clipSeconds, lengths = [1], keepSound = false } = shape;
  const place = await folder(name);
  const secondsOf = (choice: number) => clipSeconds * (lengths[choice % lengths.length] ?? 1);
  const seconds = Array.from({ length: blocks * choices }, (_, i) => secondsOf(i % choices));
  const paths = await makeFootages(place, { name, seconds, size, signal });
  const footage = Array.from({ length: blocks }, (_, block) => paths.slice(block * choices, (block + 1) * choices));
  return { folder: place, size, footage, bed: await makeBed(place, signal), keepSound, secondsOf };
}

export const combinationsOf = ({ footage }: Grid): number =>
  footage.reduce((product, choices) => product * choices.length, 1);
