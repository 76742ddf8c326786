import { runHarness } from "../testing/run-harness.js";
import { runS3Deliveries } from "./run-s3-deliveries.js";

const USAGE = `npm run s3-deliveries -- [options]

Delivers outputs to a bucket of a real S3 server, a quarter of them by multipart uploads, while the delivering process is
killed: at random moments, and between the server's acceptance of a request and its response. Then it audits the versions
in the bucket: each object written once, with its bytes, none removed, no multipart upload left.

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
