export { readConfig } from "./config.js";
export { startTts } from "./service.js";
