// `npm run demo`: sets up the machine, then runs the demonstration (cli/src/demo).
import "./setup/node-version.mjs";
import { runShown } from "./setup/run.mjs";
import { main, setUp } from "./setup.mjs";

await main(async () => {
  await setUp();
  return runShown([process.execPath, "cli/bundle/demo.js", ...process.argv.slice(2)]);
});
