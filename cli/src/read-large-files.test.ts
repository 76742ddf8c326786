import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseBatchFile } from "@polyreel/spec/batch-file";
import { describe, expect, it } from "vitest";
import { ProblemsError } from "./problem.js";
import { readBatchFile } from "./read-batch-file.js";

/** Takes about two seconds on an idle machine. */
const MOST_CPU_SECONDS = 8;

const lines = (count: number, line: (index: number) => string) => Array.from({ length: count }, (_, i) => line(i));
const bomb = `a0: &a0 [x, x]\n${lines(25, (i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join("")}`;

describe("refuses in bounded time", () => {
  it.each<[string, string, RegExp]>([
    ["100,000 unknown fields", lines(100_000, (i) => `key${i}: 1\n`).join(""), /Unknown field "key0"/],
    ["100,000 fields of one name", "name: a\n".repeat(100_000), /map keys must be unique/],
    [
      "64 blocks of 10,000 choices",
      `blocks:\n${lines(64, (i) => `  - name: b${i}\n    text:\n      choices:\n${"        - {label: a, text: b}\n".repeat(10_000)}`).join("")}`,
      /more than 1,000,000 words and marks/,
    ],
    ["nested brackets", "[".repeat(1_000_000), /nested more than 100 deep/],
    ["nested braces", "{a: ".repeat(500_000), /nested more than 100 deep/],
    ["nested lists", "- ".repeat(400_000), /nested more than 100 deep/],
    ["aliases of aliases", bomb, /Unknown field/],
    [
      "aliases of aliases as values",
      `${bomb}blocks: [{name: t, text: {over: *a25, choices: [{text: a}]}}]`,
      /Unknown field|stand for too many values|must be a text/,
    ],
    ["errors on every line", "a: b: c\n".repeat(50_000), /not valid YAML/],
  ])("%s", { timeout: 60_000 }, (_, text, what) => {
    const before = process.cpuUsage();
    const { problems } = parseBatchFile("batch.yaml", text);
    const { user, system } = process.cpuUsage(before);
    expect(problems[0]?.what).toMatch(what);
    expect(problems.length).toBeLessThanOrEqual(1000);
    expect((user + system) / 1e6).toBeLessThan(MOST_CPU_SECONDS);
  });
});

describe("reading a batch file", () => {
  const problemOf = (path: string) =>
    readBatchFile(path).then(
      () => "it was read",
      (error: unknown) => (error instanceof ProblemsError ? error.problems[0]?.what : String(error)),
    );

  it.each([
    ["/dev/zero", "The batch file is too large: it goes on, where 33554432 bytes are allowed."],
    ["/dev/null", "The batch file is empty."],
  ])("refuses %s", async (path, problem) => {
    expect(await problemOf(path)).toBe(problem);
  });

  it("accepts a pipe, but not a folder or a file of 33 MiB", async () => {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-"));
    try {
      await promisify(execFile)("mkfifo", [join(folder, "pipe")]);
      const written = writeFile(join(folder, "pipe"), "nothing: known\n"); // As in `render <(command)`.
      expect(await problemOf(join(folder, "pipe"))).toBe('Unknown field "nothing".');
      await written;
      expect(await problemOf(folder)).toBe("This is a folder, not a batch file.");
      await writeFile(join(folder, "large.yaml"), Buffer.alloc(33 * 1024 * 1024, 32));
      expect(await problemOf(join(folder, "large.yaml"))).toMatch(/too large: 34603008 bytes/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("refuses values that a message cannot represent:", () => {
  const withMetadata = (entry: string) => `blocks: [{name: t, text: {choices: [{text: a, metadata: {${entry}}}]}}]`;
  it.each([
    ["__proto__: x", /"__proto__" can't be a key of "metadata"/],
    ["a-b: x", /"a-b" can't be a key/],
    ['k: "\\ud800"', /"k" has half of a character/],
  ])("metadata %s", (entry, what) => {
    expect(parseBatchFile("batch.yaml", withMetadata(entry)).problems).toMatchObject([
      { what: expect.stringMatching(what), where: { block: "t", choice: "a" } },
    ]);
  });

  it("an unpaired surrogate in a label", () => {
    const { problems } = parseBatchFile(
      "batch.yaml",
      String.raw`blocks: [{name: t, text: {choices: [{label: "a\ud83d"}]}}]`,
    );
    expect(problems).toMatchObject([{ what: expect.stringContaining('"label" has half of a character') }]);
  });

  it("except for keys that are properties of every object", () => {
    const { batchFile } = parseBatchFile("batch.yaml", withMetadata("constructor: x, toString: y"));
    const kind = batchFile?.batch.blocks[0]?.kind;
    expect(kind?.case === "text" && kind.value.choices[0]?.metadata).toEqual({ constructor: "x", toString: "y" });
  });
});
