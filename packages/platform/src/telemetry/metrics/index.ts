export { INSTRUMENTS } from "./instruments.js";
export { count, record, show } from "./metrics.js";
export { type OpsConfig, openOps } from "./ops-server.js";
