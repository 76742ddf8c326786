export { type Charge, charge, charging, chargingAll, chargingProcess, whoIsCharged } from "./charge.js";
export { childEnvironment } from "./child-environment.js";
export { collectOutput } from "./collect-output.js";
export { guardArguments } from "./orphans.js";
export { processCpu } from "./process-cpu.js";
export { type ConfinedRun, type RunEnding, runConfined } from "./run-confined.js";
export { cancelled } from "./watchdog.js";
export { WorkMeter } from "./work-meter.js";
