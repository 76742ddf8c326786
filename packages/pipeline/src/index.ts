export { consumerNames } from "./consumer-names.js";
export { FairSlots } from "./fair-slots.js";
export { LiveBatches } from "./live-batches.js";
export { PartialWork, type Piece } from "./partial-work.js";
export { PublishedBefore } from "./published-before.js";
export { openPlatform, type Platform } from "./service.js";
export { earlierBatches, readSpecification } from "./specification.js";
export { type StageOptions, startStage, type Work } from "./stage.js";
export { readWorkList, removeWorkList, writeWorkList } from "./work-list.js";
