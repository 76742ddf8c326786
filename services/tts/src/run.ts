import { runProcess } from "@polyreel/platform";
import { readConfig } from "./config.js";
import { startTts } from "./service.js";

await runProcess("polyreel-tts", () => startTts(readConfig()));
