export { type MadeRendition, type RenditionWork, transcode } from "./transcode.js";
export { planTranscode, type TranscodePlan } from "./transcode-plan.js";
