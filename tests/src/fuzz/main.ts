import { runHarness } from "../testing/run-harness.js";
import { runFuzz } from "./run-fuzz.js";

const USAGE = `npm run fuzz -- [options]

Sends random and mutated calls of every method to a running system: gRPC, gRPC-Web and Connect, binary and JSON, valid,
damaged and random messages, wrong headers and cut bodies. A harmless call beside them must be answered within a second.
Findings are answers that blame the server (INTERNAL, UNKNOWN, HTTP 5xx, none), services that end, and memory over 1 GiB.

  --count N   calls to send (default 10000)
  --seed N    draws the calls; the same seed draws the same ones (default 1)
  --only N    send only the call with this index, and print it
  --json      print the report as one line of JSON on standard output
  --help      print this text

Exit code: 0 nothing found, 1 findings, 2 wrong arguments.`;

await runHarness({
  usage: USAGE,
  numbers: { count: 10_000, seed: 1, only: undefined },
  run: (numbers, { signal, print }) => runFuzz({ ...numbers, signal, print }),
});
