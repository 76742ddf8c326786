import { fileURLToPath } from "node:url";
import { runHarness } from "../testing/run-harness.js";
import { runChaos } from "./run-chaos.js";

const USAGE = `npm run chaos -- [options]

Runs random batches, half of them with several outputs and destinations, while services, nats-server and ffmpeg are killed,
and services are stopped for 40 s and continued; cancels, retries, deletes and cleans up batches meanwhile, and submits deleted
request ids again. After each trial it audits each delivery: nothing lost or delivered twice, finished parts made once, no
process, file, consumer, or fact of a deleted batch left.
Logs of trials with findings are kept in tests/out/chaos.

  --trials N  trials to run (default 200)
  --seed N    draws the first trial; each next one's seed is one more (default 1)
  --json      print the report as one line of JSON on standard output
  --help      print this text

Exit code: 0 nothing found, 1 findings, 2 wrong arguments.`;

const logFolder = fileURLToPath(new URL("../../out/chaos", import.meta.url));
await runHarness({
  usage: USAGE,
  numbers: { trials: 200, seed: 1 },
  run: (numbers, { signal, print }) => runChaos({ ...numbers, logFolder, signal, print }),
});
