/**
 * The skipped tests of a run, by the reason that each states: by `needs` (packages/platform/src/testing/needs.ts), or by the note
 * of `context.skip`.
 *
 * @returns {{reasons: Map<string, string[]>, without: string[]}} Names of tests; `without`: of those that state none.
 */
export function skippedByReason(modules) {
  const reasons = new Map();
  const without = [];
  for (const module of modules) {
    for (const test of module.children.allTests("skipped")) {
      const name = `${module.relativeModuleId} > ${test.fullName}`;
      const reason = test.meta().skipReason ?? test.result().note;
      if (reason) reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
      else without.push(name);
    }
  }
  return { reasons, without };
}
