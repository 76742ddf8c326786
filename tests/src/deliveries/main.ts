import { fileURLToPath } from "node:url";
import { runHarness } from "../testing/run-harness.js";
import { runDeliveries } from "./run-deliveries.js";

const USAGE = `npm run deliveries -- [options]

Runs one batch of many combinations with a video, a thumbnail and a contact sheet of each, all in two folders, while services
and ffmpeg are killed throughout. Then it audits: each delivery has one fact and one receipt, each file its bytes,
nothing else lies in the folders, counters equal a recount of the event stream, parts were made once, nothing is left.
Logs of a run with findings are kept in tests/out/deliveries.

  --combinations N  six deliveries each (default 1000)
  --kills N         kills, spread over the run (default 100)
  --seed N          draws the kills (default 1)
  --json            print the report as one line of JSON on standard output
  --help            print this text

Exit code: 0 nothing found, 1 findings, 2 wrong arguments.`;

const logFolder = fileURLToPath(new URL("../../out/deliveries", import.meta.url));
await runHarness({
  usage: USAGE,
  numbers: { combinations: 1000, kills: 100, seed: 1 },
  run: (numbers, run) => runDeliveries({ ...numbers, ...run, logFolder }),
});
