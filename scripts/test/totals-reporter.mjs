/** A vitest reporter that ends with `N passed, N failed`, for people and programs that read only that. */
export default class TotalsReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()].map((test) => test.result().state);
      for (const state of tests) count[state] = (count[state] ?? 0) + 1;
      // A file or suite that cannot be loaded fails without a failed test.
      if (module.state() === "failed" && !tests.includes("failed")) count.failed++;
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
    console.log(`${count.passed} passed, ${count.failed} failed${skipped}`);
  }
}
