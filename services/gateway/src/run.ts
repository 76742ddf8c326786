import { runProcess } from "@polyreel/platform";
import { readConfig } from "./config.js";
import { startGateway } from "./service.js";

await runProcess("polyreel-gateway", () => startGateway(readConfig()));
