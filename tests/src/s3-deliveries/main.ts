import { runHarness } from "../testing/run-harness.js";
import { runS3Deliveries } from "./run-s3-deliveries.js";

const USAGE = `npm run s3-deliveries -- [options]

Delivers outputs to a bucket of a real server of S3, a quarter of them in parts, while the delivering process is killed: at
random moments, and right after the server accepted a request and before its answer arrived. Then it audits the bucket's
own record of versions: each object written once, with its bytes, none removed, no upload in parts left.

  --kills N  kills (default 50)
  --seed N   draws the moments of the kills, and the bytes (default 1)
  --json     print the report as one line of JSON on standard output
  --help     print this text

Exit code: 0 nothing found, 1 findings, 2 wrong arguments.`;

await runHarness({
  usage: USAGE,
  numbers: { kills: 50, seed: 1 },
  run: (numbers, run) => runS3Deliveries({ ...numbers, ...run }),
});
