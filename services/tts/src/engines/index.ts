export { ConfiguredEngines } from "./configured-engines.js";
export { Engines } from "./engines.js";
export { readVoicesConfig } from "./voices-config.js";
export { isWanted } from "./wanted-voices.js";
