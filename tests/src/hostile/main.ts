import { runHarness } from "../testing/run-harness.js";
import { runHostile } from "./run-hostile.js";

const USAGE = `npm run hostile -- [options]

Sends hostile input through a running system: damaged and made-up videos, pictures, sounds and fonts, requests that cost
much, addresses that lead inside, sources overwritten while they are used. Each must give a right video or a clear refusal,
within bounds of time and memory, while others are served.

  --count N    files (default 1000); every made-up one once, then damaged ones
  --seed N     draws the files (default 1)
  --attacks N  1: costly requests, command lines and overwritten sources too, each once (default); 0: files alone
  --attack N   of these, only the one of this number
  --json       print the report as one line of JSON on standard output
  --help       print this text

Exit code: 0 nothing found, 1 findings, 2 wrong arguments.`;

await runHarness({
  usage: USAGE,
  numbers: { count: 1000, seed: 1, attacks: 1, attack: undefined },
  run: (numbers, { signal, print }) => runHostile({ ...numbers, attacks: numbers.attacks > 0, signal, print }),
});
