export { readConfig } from "./config.js";
export { startPlanner } from "./service.js";
export { PlanSpeaker } from "./speak-plan.js";
