import { runProcess } from "@polyreel/platform";
import { readConfig } from "./config.js";
import { startUploader } from "./service.js";

await runProcess("polyreel-uploader", () => startUploader(readConfig()));
