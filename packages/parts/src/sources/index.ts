export { type OpenSource, withUnchanged } from "./open-source.js";
export { type PartName, partsFrom, type RemovedSource } from "./remove-source.js";
export { sourceProbe } from "./source-probe.js";
export { notStored, Sources, warnRemoved } from "./sources.js";
