export { RowExpansion } from "./expand-choices.js";
export { linkRows } from "./link-rows.js";
export { type FilesBeside, readRows } from "./read-rows.js";
export { MAX_ROWS, rowText } from "./table.js";
