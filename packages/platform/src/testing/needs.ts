import type { TestOptions } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    skipReason?: string;
  }
}

/** Options of a test, or of a suite, that is skipped without what it needs. `npm test` ends with the reasons. */
export const needs = (present: unknown, reason: string): Pick<TestOptions, "skip" | "meta"> => ({
  skip: !present,
  meta: { skipReason: reason },
});

export const NEEDS_LINUX = needs(process.platform === "linux", "needs Linux");
