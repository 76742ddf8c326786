export {
  amount,
  bytes,
  type CommonConfig,
  choice,
  count,
  readCommonConfig,
  readEnvironment,
  readStoreConfig,
  span,
} from "./config.js";
export { createLog, type Log } from "./log.js";
export { type StrayError, watchStrayErrors } from "./stray-errors.js";
export { workOn } from "./work-in-progress.js";
