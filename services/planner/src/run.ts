import { runProcess } from "@polyreel/platform";
import { readConfig } from "./config.js";
import { startPlanner } from "./service.js";

await runProcess("polyreel-planner", () => startPlanner(readConfig()));
