import { skippedByReason } from "./skip-reasons.mjs";

/**
 * A vitest reporter that ends with the skipped tests, by reason, and with `N passed, N failed`, for people and programs that read
 * only that. A test that is skipped without a reason fails the run.
 */
export default class TotalsReporter {
  onInit(vitest) {
    this.vitest = vitest;
  }

  onTestRunEnd(modules, unhandledErrors) {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()].map((test) => test.result().state);
      for (const state of tests) count[state] = (count[state] ?? 0) + 1;
      // A file or suite that cannot be loaded fails without a failed test.
      if (module.state() === "failed" && !tests.includes("failed")) count.failed++;
    }
    const { reasons, without } = skippedByReason(modules);
    for (const [reason, names] of reasons)
      console.log(`skipped, ${reason}:\n${names.map((name) => `  ${name}\n`).join("")}`);
    // Tests after a failed hook are skipped too, and those that a filter of names leaves out.
    if (without.length > 0 && count.failed === 0 && !this.vitest.config.testNamePattern) {
      console.error(`Skipped without a reason, which fails the run:\n${without.map((name) => `  ${name}\n`).join("")}`);
      process.exitCode = 1;
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
    console.log(`${count.passed} passed, ${count.failed} failed${skipped}`);
  }
}
