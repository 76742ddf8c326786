// `npm run bench`: sets up the machine, then runs the benchmarks (bench/) with the arguments:
// `npm run bench -- --quick --json`.
import "./setup/node-version.mjs";
import { runShown } from "./setup/run.mjs";
import { main, setUp } from "./setup.mjs";

// Standard output is for figures: set-up messages go to standard error.
console.log = console.error;

await main(async () => {
  await setUp();
  return runShown([process.execPath, "bench/dist/main.js", ...process.argv.slice(2)]);
});
