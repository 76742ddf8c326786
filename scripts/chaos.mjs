// `npm run chaos`: makes the machine ready, then kills services at work and audits what came of it (tests/src/chaos/).
// Arguments go to it: `npm run chaos -- --trials 200 --seed 1 --json`.
import "./setup/node-version.mjs";
import { runShown } from "./setup/run.mjs";
import { main, setUp } from "./setup.mjs";

// Standard output is for the result: what setting up says goes where problems go.
console.log = console.error;

await main(async () => {
  await setUp();
  return runShown([process.execPath, "tests/dist/chaos/main.js", ...process.argv.slice(2)]);
});
