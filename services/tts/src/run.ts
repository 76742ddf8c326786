import { runProcess } from "@polyreel/platform";
import { readConfig } from "./config.js";
import { startTts } from "./service.js";

export const run = (): Promise<void> => runProcess("polyreel-tts", () => startTts(readConfig()));
