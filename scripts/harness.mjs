// `npm run chaos`, `deliveries`, `hostile`, `fuzz`, `soak`: makes the machine ready, then runs the harness of that name
// (tests/src/<name>/).
// Arguments go to it: `npm run chaos -- --trials 200 --seed 1 --json`; `--help` lists them.
import "./setup/node-version.mjs";
import { runShown } from "./setup/run.mjs";
import { main, setUp } from "./setup.mjs";

// Standard output is for the result; set-up messages go to standard error.
console.log = console.error;

const [name, ...args] = process.argv.slice(2);
await main(async () => {
  await setUp();
  return runShown([process.execPath, `tests/dist/${name}/main.js`, ...args]);
});
