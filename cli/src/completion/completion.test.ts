import { execFileSync, spawnSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { needs } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

let workshop: Workshop;

beforeAll(async () => {
  workshop = await Workshop.open();
  for (const name of ["batch.yaml", "may sale.yml", "film.mp4"]) await workshop.write(name, "");
  await mkdir(workshop.path("videos"));
  for (const shell of ["bash", "zsh", "fish"]) {
    await workshop.write(`polyreel.${shell}`, (await workshop.run(["completion", shell])).stdout);
  }
});
afterAll(() => workshop.close());

const isInstalled = (program: string): boolean => spawnSync(program, ["-c", "true"]).status === 0;

/** Bash's completions for the last of these words, in order. */
function offeredByBash(...words: string[]): string[] {
  const script = `source ./polyreel.bash
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _polyreel; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const options = { cwd: workshop.folder, encoding: "utf8" } as const;
  const completions = execFileSync("bash", ["--norc", "-c", script, "bash", ...words], options);
  return completions.split("\n").filter(Boolean).sort();
}

describe("bash", needs(isInstalled("bash"), "needs bash"), () => {
  it("is registered by the script, which prints nothing", () => {
    const options = { cwd: workshop.folder, encoding: "utf8" } as const;
    expect(execFileSync("bash", ["--norc", "-c", "source ./polyreel.bash; complete -p polyreel"], options)).toBe(
      "complete -F _polyreel polyreel\n",
    );
  });

  it.each([
    ["commands", ["polyreel", "re"], ["rebuild", "reject", "render", "replay", "retry"]],
    [
      "all commands that begin so",
      ["polyreel", "s"],
      ["say", "schema", "scrub", "secrets", "sessions", "show", "sources", "spec", "stats", "store", "submit"],
    ],
    [
      "flags behind two arguments",
      ["polyreel", "show", "b1", "c1", "--"],
      ["--help", "--json", "--lifetime", "--server"],
    ],
    ["a command's flags", ["polyreel", "render", "--s"], ["--sample", "--store"]],
    ["flags behind an argument", ["polyreel", "list", "b1", "--c"], ["--choice", "--code", "--csv"]],
    [
      "batch files, and folders on the way to them",
      ["polyreel", "render", ""],
      ["batch.yaml", "may sale.yml", "tmp", "videos"],
    ],
    ["batch files with a space", ["polyreel", "estimate", "may"], ["may sale.yml"]],
    ["a second batch file", ["polyreel", "diff", "batch.yaml", "b"], ["batch.yaml"]],
    ["folders", ["polyreel", "render", "batch.yaml", "--out", "v"], ["videos"]],
    ["folders by the short flag", ["polyreel", "up", "-o", "v"], ["videos"]],
    ["folders behind a sign", ["polyreel", "up", "--out", "=", "v"], ["videos"]],
    ["any file", ["polyreel", "open", "f"], ["film.mp4"]],
    ["an enum's values", ["polyreel", "list", "--state", "p"], ["planned", "planning"]],
    ["what lists are sorted by", ["polyreel", "list", "--sort", "s"], ["size", "state", "submitted_at"]],
    ["shells", ["polyreel", "completion", "z"], ["zsh"]],
    ["commands to have explained", ["polyreel", "help", "wa"], ["watch"]],
    ["nothing for what can't be known", ["polyreel", "watch", ""], []],
    ["nothing for a flag's value that can't be known", ["polyreel", "up", "--port", ""], []],
  ])("offers %s", (_what, words, offered) => {
    expect(offeredByBash(...words)).toEqual(offered);
  });
});

it("zsh accepts the script", needs(isInstalled("zsh"), "needs zsh"), () => {
  const script = "autoload -U compinit && compinit -D -u; source ./polyreel.zsh; print $_comps[polyreel]";
  expect(execFileSync("zsh", ["-f", "-c", script], { cwd: workshop.folder, encoding: "utf8" })).toBe("_polyreel\n");
});

it("fish offers what the script defines", needs(isInstalled("fish"), "needs fish"), () => {
  const offered = (line: string) =>
    execFileSync("fish", ["--no-config", "-c", `source ./polyreel.fish; complete -C '${line}'`], {
      cwd: workshop.folder,
      encoding: "utf8",
      env: { ...process.env, HOME: workshop.path("tmp") },
    })
      .split("\n")
      .filter(Boolean)
      .map((one) => one.split("\t")[0]);
  expect(offered("polyreel re")).toEqual(["rebuild", "reject", "render", "replay", "retry"]);
  expect(offered("polyreel list --state r")).toEqual(["rendered", "running"]);
  expect(offered("polyreel render --out v")).toEqual(["videos/"]);
  expect(offered("polyreel render b")).toEqual(["batch.yaml"]);
});
