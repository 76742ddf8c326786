export { expandRows } from "./expand-rows.js";
export { NodeFiller } from "./fill-node.js";
export { linkRows } from "./link-rows.js";
export { readRows } from "./read-rows.js";
export { MAX_ROWS, type Row, rowText, type Table } from "./table.js";
