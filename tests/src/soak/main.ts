import { runHarness } from "../testing/run-harness.js";
import { runSoak } from "./run-soak.js";

const USAGE = `npm run soak -- [options]

Sends small batches through one polyreel up: submits, watches, leaves, lists, cancels and deletes at random. Some thirty
times it pauses and measures, after a forced garbage collection: memory, open handles, processes, consumers and facts of the
stream, listed batches, files of the store, the output and the temporary folder. The last third must have no more than the
second one; when all is deleted, nothing may be left in folders and in the read model's tables.

  --batches N  batches to submit (default 3000)
  --seed N     draws the batches and what is done with them (default 1)
  --json       print the report as one line of JSON on standard output
  --help       print this text

Exit code: 0 all flat, 1 findings, 2 wrong arguments.`;

await runHarness({
  usage: USAGE,
  numbers: { batches: 3000, seed: 1 },
  run: (numbers, { signal, print }) => runSoak({ ...numbers, signal, print }),
});
