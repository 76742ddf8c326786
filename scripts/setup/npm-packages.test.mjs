import { describe, expect, it } from "vitest";
import { isInstalled } from "./npm-packages.mjs";

describe("isInstalled", () => {
  const lock = {
    packages: {
      "": { name: "root" },
      cli: { version: "1.0.0" },
      "node_modules/polyreel": { resolved: "cli", link: true },
      "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
      "node_modules/native": { version: "1.0.0", integrity: "sha512-n", optional: true },
    },
  };
  const installed = (changes) => ({
    packages: {
      "node_modules/polyreel": { resolved: "cli", link: true },
      "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
      ...changes,
    },
  });

  it.each([
    ["as locked", installed({}), true],
    ["nothing", undefined, false],
    ["another version", installed({ "node_modules/a": { version: "0.9.0", integrity: "sha512-a" } }), false],
    ["other bytes", installed({ "node_modules/a": { version: "1.0.0", integrity: "sha512-b" } }), false],
    ["without one package", installed({ "node_modules/a": undefined }), false],
    ["without one workspace", installed({ "node_modules/polyreel": undefined }), false],
  ])("%s", (_title, list, expected) => {
    expect(isInstalled(lock, list)).toBe(expected);
  });
});
