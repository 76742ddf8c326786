import { parentPort, workerData } from "node:worker_threads";
import "../../server/keep-proto-keys.js";
import { parsedPresets } from "../../server/large-requests/presets-for-thread.js";
import { createRequestCheck } from "../../server/validate.js";
import type { JobText } from "./job.js";
import { readJob } from "./read-job.js";

const check = createRequestCheck(parsedPresets(workerData));

parentPort?.on("message", (text: JobText) => {
  parentPort?.postMessage(readJob(text, check));
});
