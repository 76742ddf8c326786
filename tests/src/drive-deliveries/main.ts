import { runHarness } from "../testing/run-harness.js";
import { runDriveDeliveries } from "./run-drive-deliveries.js";

const USAGE = `npm run drive-deliveries -- [options]

Delivers batches to a local server that speaks Google Drive's protocol, while the delivering process is killed at random requests,
also after the server accepted one and before it answered. Then it audits the server: each file once, with the right bytes,
written once for each change, under one id; no other file or folder.

  --kills N  kills (default 50)
  --files N  files of each batch (default 20)
  --seed N   draws the kills (default 1)
  --json     print the report as one line of JSON on standard output
  --help     print this text

Exit code: 0 nothing found, 1 findings, 2 wrong arguments.`;

await runHarness({
  usage: USAGE,
  numbers: { kills: 50, files: 20, seed: 1 },
  run: runDriveDeliveries,
});
