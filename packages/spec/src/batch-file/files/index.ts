export { expandFiles } from "./expand-files.js";
export type { FilesBeside, MediaKind, Unreadable } from "./files-beside.js";
