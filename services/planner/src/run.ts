import { runProcess } from "@polyreel/platform";
import { readConfig } from "./config.js";
import { startPlanner } from "./service.js";

export const run = (): Promise<void> => runProcess("polyreel-planner", () => startPlanner(readConfig()));
