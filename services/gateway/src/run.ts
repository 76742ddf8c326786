import { runProcess } from "@polyreel/platform";
import { readConfig } from "./config.js";
import { startGateway } from "./service.js";

export const run = (): Promise<void> => runProcess("polyreel-gateway", () => startGateway(readConfig()));
