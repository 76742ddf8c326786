export { type EstimateDeps, estimate } from "./estimate.js";
export type { OpenStored } from "./known-now.js";
export { rememberedProbes } from "./probes.js";
