import { runProcess } from "@polyreel/platform";
import { readConfig } from "./config.js";
import { startUploader } from "./service.js";

export const run = (): Promise<void> => runProcess("polyreel-uploader", () => startUploader(readConfig()));
