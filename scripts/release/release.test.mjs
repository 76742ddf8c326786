import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readAudit } from "./audit.mjs";
import { changelogProblems, release, sectionOf } from "./changelog.mjs";
import { commandLock } from "./command-lock.mjs";
import { licenceProblems } from "./licences.mjs";
import { readManifests } from "./manifests.mjs";
import { sbomProblems } from "./pack.mjs";
import { setVersion, versionProblems } from "./versions.mjs";

describe("versions", () => {
  it("are in step, and can be set everywhere", async () => {
    const { manifests, lock } = await readManifests();
    expect(versionProblems(manifests, lock)).toEqual([]);
    setVersion(manifests, lock, "7.8.9-rc.1");
    expect(versionProblems(manifests, lock, "v7.8.9-rc.1")).toEqual([]);
    expect(versionProblems(manifests, lock, "v7.8.9")).toEqual(["The tag is v7.8.9 instead of v7.8.9-rc.1."]);
    expect(manifests["cli/package.json"].dependencies["@polyreel/media"]).toBe("7.8.9-rc.1");
    manifests["cli/package.json"].dependencies["@polyreel/media"] = "0.0.1";
    manifests["bench/package.json"].version = "0.0.2";
    expect(versionProblems(manifests, lock)).toEqual([
      "bench/package.json has 0.0.2 instead of 7.8.9-rc.1.",
      "cli/package.json for @polyreel/media has 0.0.1 instead of 7.8.9-rc.1.",
    ]);
  });

  it("are semantic", async () => {
    const { manifests, lock } = await readManifests();
    setVersion(manifests, lock, "v1");
    expect(versionProblems(manifests, lock)).toEqual(["v1 is not a semantic version."]);
  });
});

describe("changelog", () => {
  const text = "# Changelog\n\n## [Unreleased]\n\n- new\n\n## [0.1.0] - 2026-01-02\n\n- first\n";

  it("has a section for this version", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(sectionOf(readFileSync("CHANGELOG.md", "utf8"), version)).toContain("### ");
  });

  it("finds sections, and what a release lacks", () => {
    expect(sectionOf(text, "0.1.0")).toBe("- first");
    expect(changelogProblems(text, "0.2.0")).toEqual([expect.stringContaining("no section")]);
    expect(changelogProblems(text, "0.1.0")).toEqual([expect.stringContaining("unreleased changes")]);
    expect(changelogProblems("## [0.1.0]\n", "0.1.0")).toHaveLength(2);
  });

  it("names what is unreleased", () => {
    const released = release(text, "0.2.0", "2026-03-04");
    expect(changelogProblems(released, "0.2.0")).toEqual([]);
    expect(sectionOf(released, "0.2.0")).toBe("- new");
    expect(sectionOf(released, "0.1.0")).toBe("- first");
    expect(() => release(released, "0.3.0", "2026-03-05")).toThrow("no unreleased changes");
  });
});

it.each([
  ["MIT", { license: { id: "MIT" } }, []],
  ["all of several", { expression: "(Apache-2.0 AND BSD-3-Clause)" }, []],
  ["one of several", { expression: "GPL-3.0-only OR MIT" }, []],
  [
    "one that is not allowed among all",
    { expression: "MIT AND GPL-3.0-only" },
    [expect.stringContaining("GPL-3.0-only")],
  ],
  ["an unknown one", { license: { name: "SEE LICENSE IN x" } }, [expect.stringContaining("SEE LICENSE IN x")]],
])("licences: %s", (_title, licence, problems) => {
  expect(licenceProblems([{ name: "a", version: "1.0.0", licenses: [licence] }])).toEqual(problems);
});

it("licences: none", () => {
  expect(licenceProblems([{ name: "a", version: "1.0.0" }])).toEqual(["a 1.0.0 states no licence."]);
});

describe("audit", () => {
  it("lists each advisory once", () => {
    const advisory = { title: "Overflow", url: "https://example.com/1" };
    const vulnerabilities = {
      deep: { name: "deep", severity: "high", range: "<2", via: [advisory] },
      above: { name: "above", severity: "high", range: "*", via: ["deep"] },
    };
    expect(readAudit(JSON.stringify({ vulnerabilities })).problems).toEqual([
      "deep <2: Overflow (high), https://example.com/1",
    ]);
    expect(readAudit(JSON.stringify({ vulnerabilities: {} }))).toEqual({ problems: [] });
  });

  it("reports a registry without audits", () => {
    const answer = { message: "405 Method Not Allowed", error: { summary: "" } };
    expect(readAudit(JSON.stringify(answer))).toEqual({ problems: [], unavailable: "405 Method Not Allowed" });
  });
});

describe("lock of the command", () => {
  const workspace = {
    "": {},
    cli: { version: "1.0.0", dependencies: { own: "1.0.0" } },
    own: { version: "1.0.0", license: "MIT", dependencies: { cookie: "1.0.0", web: "1.0.0" } },
    "node_modules/own": { link: true, resolved: "own" },
    "own/node_modules/cookie": { version: "1.0.0" },
    "node_modules/cookie": { version: "2.0.0", dev: true },
    "node_modules/web": {
      version: "1.0.0",
      dependencies: { cookie: "^2.0.0", id: "3.0.0" },
      optionalDependencies: { native: "1.0.0", absent: "1.0.0" },
    },
    "node_modules/id": { version: "2.0.0" },
    "node_modules/native": { version: "1.0.0", optional: true },
    "node_modules/unused": { version: "1.0.0" },
  };
  const manifest = { name: "command", version: "1.0.0", bundleDependencies: ["own"] };
  const places = { cookie: "own/node_modules/cookie", web: "node_modules/web" };

  it("has what the workspace uses, where Node finds it", () => {
    const { packages } = commandLock(workspace, manifest, places, { id: "2.0.0" });
    const { "": _command, ...installed } = packages;
    expect(installed).toEqual({
      "node_modules/cookie": { version: "1.0.0" },
      "node_modules/id": { version: "2.0.0" },
      "node_modules/native": { version: "1.0.0", optional: true },
      "node_modules/own": { version: "1.0.0", license: "MIT", inBundle: true },
      "node_modules/web": {
        ...workspace["node_modules/web"],
        dependencies: { cookie: "^2.0.0", id: "2.0.0" },
      },
      "node_modules/web/node_modules/cookie": { version: "2.0.0" },
    });
  });

  it("lacks nothing", () => {
    const { "node_modules/id": _missing, ...broken } = workspace;
    expect(() => commandLock(broken, manifest, places, {})).toThrow("package-lock.json has no id");
  });

  it("is compared with the bill of materials", () => {
    const { packages } = commandLock(workspace, manifest, places, {});
    const components = ["cookie", "id", "native", "own", "web"].map((name) => ({ name, version: "1.0.0" }));
    expect(sbomProblems({ components }, { packages })).toEqual([
      "The bill of materials lacks id 2.0.0.",
      "The bill of materials lacks cookie 2.0.0.",
    ]);
  });
});
