import { runProcess } from "@polyreel/platform/lifecycle.js";
import { readConfig } from "./config.js";
import { startGateway } from "./service.js";

await runProcess("polyreel-gateway", () => startGateway(readConfig()));
