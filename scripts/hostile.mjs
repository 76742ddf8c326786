// `npm run hostile`: makes the machine ready, then sends hostile files through the real services (tests/src/hostile/).
// Arguments go to it: `npm run hostile -- --count 1000 --seed 1 --json`.
import "./setup/node-version.mjs";
import { runShown } from "./setup/run.mjs";
import { main, setUp } from "./setup.mjs";

// Standard output is for the result: what setting up says goes where problems go.
console.log = console.error;

await main(async () => {
  await setUp();
  return runShown([process.execPath, "tests/dist/hostile/main.js", ...process.argv.slice(2)]);
});
