// `npm test`: makes the machine ready, then checks and tests everything. Arguments go to vitest, as in
// `npm test -- packages/media`.
import "./setup/node-version.mjs";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runShown } from "./setup/run.mjs";
import { main, setUp } from "./setup.mjs";

await main(async () => {
  await setUp({ tests: true });
  const checked = await runShown(["npm", "run", "--silent", "check"]);
  const tested = await runTests(process.argv.slice(2));
  if (checked !== 0) console.error("npm run check failed; see above.");
  return checked || tested;
});

async function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), "polyreel-test-report-"));
  const report = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const code = await runShown([process.execPath, "node_modules/vitest/vitest.mjs", "run", ...reporters, ...args]);
    tellTotals(report);
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tellTotals(report) {
  if (!existsSync(report)) return; // vitest did not come that far, and has said why
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
  // A file that can't be loaded fails without a test that does.
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
  console.log(`${numPassedTests} passed, ${numFailedTests + unloaded.length} failed${skipped}`);
}
