// `npm test`: sets up the machine, then checks and tests everything. vitest receives the arguments, as in
// `npm test -- packages/media`.
import "./setup/node-version.mjs";
import { runShown } from "./setup/run.mjs";
import { main, setUp } from "./setup.mjs";

const vitest = [
  "node_modules/vitest/vitest.mjs",
  "run",
  "--reporter=default",
  "--reporter=./scripts/test/totals-reporter.mjs",
];

await main(async () => {
  await setUp({ tests: true });
  const checked = await runShown(["npm", "run", "--silent", "check"]);
  const tested = await runShown([process.execPath, ...vitest, ...process.argv.slice(2)]);
  if (checked !== 0) console.error("npm run check failed; see above.");
  return checked || tested;
});
