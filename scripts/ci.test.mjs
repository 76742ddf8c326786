import { accessSync, constants, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { NODES } from "./systems/programs.mjs";

const read = (path) => parse(readFileSync(path, "utf8"));
const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const oldest = /\d+\.\d+/.exec(manifest.engines.node)[0];
const tested = [oldest, ...Object.values(NODES).map((version) => version.split(".")[0])];

const github = read(".github/workflows/ci.yml").jobs;
const gitlab = read(".gitlab-ci.yml");

/** Checks that a command starts a script of package.json, or a program of the project. */
function expectKnown(command) {
  if (command.startsWith("gh ")) return;
  const script = /^npm run (\S+)/.exec(command)?.[1];
  if (script) return expect(Object.keys(manifest.scripts)).toContain(script);
  expect(() => accessSync(command, constants.X_OK), command).not.toThrow();
}

it("runs .ci/run on the oldest, the LTS and the newest Node", () => {
  expect(github.test.strategy.matrix.node).toEqual(tested);
  expect(gitlab.test.parallel.matrix).toEqual([{ NODE: tested }]);
  expect(github.test.steps.map(({ run }) => run)).toContain(".ci/run");
  expect(gitlab.test.script).toEqual([".ci/run"]);
});

it("runs commands that exist, the same on each host", () => {
  const commands = Object.values(github).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
  const onGitlab = [...gitlab.test.script, ...gitlab.release.script];
  for (const command of [...commands, ...onGitlab]) expectKnown(command);
  const comparable = (list) => list.filter((one) => !one.startsWith("gh ")).map((one) => one.replace(/"\$\w+"/, "TAG"));
  expect(comparable(onGitlab)).toEqual(comparable(commands));
});

it("releases tested tags only, with rights of that job alone", () => {
  expect(github.release).toMatchObject({ needs: "test", if: "startsWith(github.ref, 'refs/tags/v')" });
  expect(github.release.permissions).toEqual({ contents: "write" });
  expect(read(".github/workflows/ci.yml").permissions).toEqual({ contents: "read" });
  expect(gitlab.stages).toEqual([gitlab.test.stage, gitlab.release.stage]);
  expect(gitlab.release.rules).toEqual([{ if: "$CI_COMMIT_TAG =~ /^v\\d/" }]);
});

it("uses actions whose code cannot change", () => {
  const actions = Object.values(github).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
  expect(actions.length).toBeGreaterThan(2);
  for (const action of actions) expect(action).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
});
