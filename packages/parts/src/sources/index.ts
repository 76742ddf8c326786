export { type PartName, partsFrom, type RemovedSource } from "./remove-source.js";
export { sourceProbe } from "./source-probe.js";
export { type OpenSource, Sources, warnRemoved } from "./sources.js";
