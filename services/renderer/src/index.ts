export { readConfig } from "./config.js";
export { startRenderer } from "./service.js";
