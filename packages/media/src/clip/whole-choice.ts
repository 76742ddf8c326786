import type { ClipRecipe } from "@polyreel/contract";

/** The fields of a recipe that relate its stretch to the whole choice. */
export type Stretch = Pick<ClipRecipe, "frames" | "holdFrames" | "framesBefore" | "framesWhole">;

/**
 * Number of frames of the whole choice. The recipe's stretch is a part of it if transitions take its ends; by default
 * the stretch is the whole, held frames included.
 */
export const wholeFrames = ({ frames, holdFrames, framesWhole }: Stretch): number => framesWhole || frames + holdFrames;
