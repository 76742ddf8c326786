import { configDefaults, defineConfig } from "vitest/config";
import LongestFirst from "./scripts/test/longest-first.mjs";

/** Without effects: their tests cannot leave anything behind in a process for the next ones. */
const PURE = ["packages/{contract,planning,spec}/src/**/*.test.ts"];

/** `npm run test:slow`: what CONTRIBUTING.md lists. */
const SLOW = ["{packages,services}/*/src/**/*.slow.test.ts", "{cli,tests,bench}/src/**/*.slow.test.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "effects",
          include: [
            "{packages,services}/*/src/**/*.test.ts",
            "cli/src/**/*.test.ts",
            "tests/src/**/*.test.ts",
            "bench/src/**/*.test.ts",
            "scripts/**/*.test.mjs",
          ],
          exclude: [...configDefaults.exclude, ...PURE, ...SLOW],
        },
      },
      // A process of its own for each file takes half a second of CPU, mostly for the same imports.
      { extends: true, test: { name: "pure", include: PURE, isolate: false } },
      { extends: true, test: { name: "slow", include: SLOW } },
    ],
    // The developer's own voices must not become the default voice of tests.
    env: { POLYREEL_PIPER_VOICES: "/nonexistent" },
    testTimeout: 240_000,
    hookTimeout: 120_000,
    // What is polled for comes within moments on an idle machine; CI's may be busy.
    expect: { poll: { timeout: 15_000 } },
    // Media work fills the cores by itself.
    maxWorkers: 2,
    maxConcurrency: 3,
    sequence: { sequencer: LongestFirst },
    // Built files of other workspaces are loaded by Node itself: transforming them anew for each test file takes minutes.
    server: { deps: { external: [/\/dist\/.*\.js$/] } },
  },
});
