/** Stands in a voice line's recipe for the build of a voice that was not listed when the line was planned. */
export const UNLISTED = "unlisted";
