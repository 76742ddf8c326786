const FAMILIES = ["web", "webm", "hevc", "av1"];
const SIZES = ["480p", "720p", "1080p", "4k"];

/** Built-in presets, each a flag of `process`. Listed here so that help need not load the contract; a test compares. */
export const presetFlags: readonly string[] = FAMILIES.flatMap((family) => SIZES.map((size) => `${family}-${size}`));
