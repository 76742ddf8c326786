export { type JoinedKind, type PartRef, partsIn, partsOfOutput, tracksOf } from "./media-ref.js";
export { namingSource } from "./naming-origins.js";
export type { Budget } from "./part-kind.js";
export {
  type KindMadeBy,
  kindOfStage,
  kindsMadeBy,
  labelOf,
  type PartKindName,
  partKinds,
} from "./part-kinds.js";
export { PCM_BYTES_A_SECOND } from "./pcm/pcm-kind.js";
export { inputsOf } from "./recipes.js";
