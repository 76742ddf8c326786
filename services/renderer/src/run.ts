import { runProcess } from "@polyreel/platform";
import { readConfig } from "./config.js";
import { startRenderer } from "./service.js";

await runProcess("polyreel-renderer", () => startRenderer(readConfig()));
