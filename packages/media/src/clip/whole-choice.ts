import type { ClipRecipe } from "@polyreel/contract";

/** What a recipe says of the choice that its stretch is of. */
export type Stretch = Pick<ClipRecipe, "frames" | "holdFrames" | "framesBefore" | "framesWhole">;

/**
 * How many frames the whole choice has, of which the stretch is a part where transitions take its ends. Where nothing is
 * said the stretch is the whole, held frames included.
 */
export const wholeFrames = ({ frames, holdFrames, framesWhole }: Stretch): number => framesWhole || frames + holdFrames;
