export { readConfig } from "./config.js";
export { PlanPublisher } from "./publish-plan.js";
export { startPlanner } from "./service.js";
