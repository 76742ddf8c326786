// `npm run bench`: makes the machine ready, then measures (bench/). Arguments go to it: `npm run bench -- --quick --json`.
import "./setup/node-version.mjs";
import { runShown } from "./setup/run.mjs";
import { main, setUp } from "./setup.mjs";

// Standard output is for figures: the set-up's messages go to standard error.
console.log = console.error;

await main(async () => {
  await setUp();
  return runShown([process.execPath, "bench/dist/main.js", ...process.argv.slice(2)]);
});
