// `npm test`: sets up the machine, then checks everything and runs all tests but the slow ones. `npm run test:slow`
// (`--slow`) sets up the machine and runs those. vitest receives the other arguments, as in `npm test -- packages/media`.
import "./setup/node-version.mjs";
import { runShown } from "./setup/run.mjs";
import { main, setUp } from "./setup.mjs";

const vitest = [
  "node_modules/vitest/vitest.mjs",
  "run",
  "--reporter=default",
  "--reporter=./scripts/test/totals-reporter.mjs",
];

const args = process.argv.slice(2);
const isSlow = args[0] === "--slow";
if (isSlow) args.shift();
const projects = isSlow ? "slow" : "!slow";

await main(async () => {
  await setUp({ tests: true });
  const checked = isSlow ? 0 : await runShown(["npm", "run", "--silent", "check"]);
  const tested = await runShown([process.execPath, ...vitest, `--project=${projects}`, ...args]);
  if (checked !== 0) console.error("npm run check failed; see above.");
  return checked || tested;
});
