import { defineConfig } from "vitest/config";
import LongestFirst from "./scripts/test/longest-first.mjs";

/** Tests that share a process: starting one for each file, and loading the same modules into it, takes minutes. */
const SHARED = [
  "packages/{contract,parts,pipeline,planning,platform,spec}/src/**/*.test.ts",
  "services/*/src/**/*.test.ts",
];

/** Not those that change or measure their process: environment, mocked modules, CPU time, latency. */
const OWN_PROCESS = [
  "packages/platform/src/files/lock-folder.test.ts",
  "packages/platform/src/files/own-folder.test.ts",
  "packages/platform/src/telemetry/telemetry.test.ts",
  "packages/spec/src/selection/rule-cost.test.ts",
  "services/gateway/src/server/request-cost.test.ts",
  "services/gateway/src/server/silent-clients.test.ts",
];

export default defineConfig({
  test: {
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
    projects: [
      {
        extends: true,
        test: {
          name: "own process",
          include: [...OWN_PROCESS, "{packages/media,cli,tests,bench}/src/**/*.test.ts", "scripts/**/*.test.mjs"],
        },
      },
      { extends: true, test: { name: "shared process", include: SHARED, exclude: OWN_PROCESS, isolate: false } },
    ],
  },
});
