// `npm run chaos`, `deliveries`, `drive-deliveries`, `s3-deliveries`, `hostile`, `fuzz`, `soak`: sets up the machine, then
// runs the harness of that name (tests/src/<name>/).
// It receives the arguments: `npm run chaos -- --trials 200 --seed 1 --json`; `--help` lists them.
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
