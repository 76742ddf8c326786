import { parentPort } from "node:worker_threads";
import "../../server/keep-proto-keys.js";
import { createRequestCheck } from "../../server/validate.js";
import type { JobText } from "./job.js";
import { readJob } from "./read-job.js";

const check = createRequestCheck();

parentPort?.on("message", (text: JobText) => {
  parentPort?.postMessage(readJob(text, check));
});
