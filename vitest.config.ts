import { configDefaults, defineConfig } from "vitest/config";
import LongestFirst from "./scripts/test/longest-first.mjs";

/** `npm run test:slow`: what CONTRIBUTING.md lists. */
const SLOW = ["{packages,services}/*/src/**/*.slow.test.ts", "{cli,tests,bench}/src/**/*.slow.test.ts"];

/** They replace modules, or change what the whole process has, such as its tracer. */
const ALONE = [
  "packages/platform/src/files/own-folder.test.ts",
  "packages/platform/src/telemetry/**/*.test.ts",
  "packages/platform/src/runtime/*.test.ts",
];

/** Their tests leave nothing behind in a process: one of its own for each file takes 0.4 s of CPU, mostly for imports. */
const SHARED = [
  "packages/{contract,parts,pipeline,planning,platform,spec}/src/**/*.test.ts",
  "services/{planner,renderer,uploader}/src/**/*.test.ts",
  "web/src/**/*.test.ts",
];

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "isolated",
          include: [
            ...ALONE,
            "packages/media/src/**/*.test.ts",
            "services/{gateway,tts}/src/**/*.test.ts",
            "{cli,tests,bench}/src/**/*.test.ts",
            "scripts/**/*.test.mjs",
          ],
          exclude: [...configDefaults.exclude, ...SLOW],
        },
      },
      {
        extends: true,
        test: {
          name: "shared",
          include: SHARED,
          exclude: [...configDefaults.exclude, ...SLOW, ...ALONE],
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
        },
      },
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
