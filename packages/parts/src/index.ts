export { boundDecodedSounds } from "./decoded-sounds.js";
export { indexKey, type PartKind, payloadKey } from "./part-kind.js";
export { type MadePart, type Making, PartMaker } from "./part-maker.js";
export { PartStore } from "./part-store.js";
export { recipeHash } from "./recipe-hash.js";
export { layOutRendered } from "./rendered-layout.js";
export { removeDamaged, type Scrubbed, scrub } from "./scrub.js";
export { stretchHash } from "./stretch-hash.js";
export { Tenants } from "./tenants.js";
