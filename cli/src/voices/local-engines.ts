import { createLog } from "@polyreel/platform/runtime";
import { ConfiguredEngines, readVoicesConfig } from "@polyreel/tts/engines";
import { wholeEnvironment } from "../config.js";

/** The speech engines of this machine, and the providers that its environment configures. */
export const localEngines = (): Promise<ConfiguredEngines> =>
  ConfiguredEngines.open(readVoicesConfig(wholeEnvironment()), { log: createLog("polyreel", "silent") });
