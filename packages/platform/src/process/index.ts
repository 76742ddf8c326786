export { type Charge, charge, charging, chargingAll, chargingProcess, whoIsCharged } from "./charge.js";
export { childEnvironment } from "./child-environment.js";
export { confinedArguments } from "./confined.js";
export { guardArguments, holdUntilEnd } from "./orphans.js";
export { processCpu } from "./process-cpu.js";
export { type RunEnding, runConfined } from "./run-confined.js";
export { cancelled, processorSeconds, Watchdog } from "./watchdog.js";
export { WorkMeter } from "./work-meter.js";
