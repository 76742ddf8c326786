import { createLog } from "@polyreel/platform/runtime";
import { ConfiguredEngines, type PiperFolder, readVoicesConfig } from "@polyreel/tts/engines";
import { wholeEnvironment } from "../config.js";

/** Where voices of Piper are on this machine. */
export const piperFolder = (): PiperFolder => readVoicesConfig(wholeEnvironment()).piperFolder;

/** The speech engines of this machine, and the providers that its environment configures. */
export const localEngines = (): Promise<ConfiguredEngines> =>
  ConfiguredEngines.open(readVoicesConfig(wholeEnvironment()), { log: createLog("polyreel", "silent") });
