export { streamBytes } from "./batches/stream-bytes.js";
export { readConfig } from "./config.js";
export { openPresets } from "./presets/open-presets.js";
export { PgliteThread } from "./read-model/sql/pglite/pglite-thread.js";
export { createRequestCheck, type RequestCheck } from "./server/validate.js";
export { type Gateway, startGateway } from "./service.js";
