import { runProcess } from "@polyreel/platform";
import { readConfig } from "./config.js";
import { startRenderer } from "./service.js";

export const run = (): Promise<void> => runProcess("polyreel-renderer", () => startRenderer(readConfig()));
