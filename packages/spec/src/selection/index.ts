export { type Selected, type Selection, selectionOf } from "./selection.js";
export type { Waves } from "./waves.js";
