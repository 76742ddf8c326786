import { create } from "@bufbuild/protobuf";
import { BatchSchema, normalizeBatch } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { enumerate } from "./enumeration.js";
import { namingOf } from "./naming.js";
import { safeName } from "./safe-name.js";

const names = (naming: string, blocks: Record<string, string[]>): string[] => {
  const batch = normalizeBatch(
    create(BatchSchema, {
      name: "sale",
      naming,
      blocks: Object.entries(blocks).map(([name, labels]) => ({
        name,
        kind: { case: "text" as const, value: { choices: labels.map((label) => ({ label, text: "x" })) } },
      })),
    }),
  );
  const nameOf = namingOf(batch);
  return [...enumerate(Object.values(blocks).map((labels) => labels.length))].map((at) => nameOf(at, "id"));
};

describe("namingOf", () => {
  it.each<[string, string, Record<string, string[]>, string[]]>([
    ["the template", "{a}-{b}", { a: ["x"], b: ["1", "2"] }, ["x-1", "x-2"]],
    ["a batch's name and id", "{batch} {id}", { a: ["x", "y"] }, ["sale-id", "sale-id"]],
    ["blocks with several choices by default", "", { a: ["x", "y"], b: ["1"] }, ["x", "y"]],
    ["one block where none varies", "", { a: ["x"], b: ["1"] }, ["x"]],
    ["the id added where a block is left out", "{a}", { a: ["x"], b: ["1", "2"] }, ["x_id", "x_id"]],
    ["the id added where labels become the same", "{a}", { a: ["p/q", "p:q"] }, ["p-q_id", "p-q_id"]],
    ["the id added where only capitals differ", "{a}", { a: ["A", "a"] }, ["A_id", "a_id"]],
    [
      "the id added where the separator is ambiguous",
      "{a}_{b}",
      { a: ["x", "x_y"], b: ["z", "y_z"] },
      ["x_z_id", "x_y_z_id", "x_y_z_id", "x_y_y_z_id"],
    ],
    ["separators in labels that stay distinct", "{a}_{b}", { a: ["bug_video", "z"], b: ["1"] }, ["bug_video_1", "z_1"]],
    ["nothing left of a label", "{a}", { a: ["..", "x"] }, ["id", "x"]],
    ["long names", "{a}", { a: ["é".repeat(300), "x"] }, [`${"é".repeat(90)}_id`, "x"]],
  ])("%s", (_, template, blocks, expected) => {
    expect(names(template, blocks)).toEqual(expected);
  });
});

describe("safeName", () => {
  it.each([
    ["../../etc/passwd", "etc-passwd"],
    ["a\nb\tc", "a-b-c"],
    ["CON", "_CON"],
    ["nul.txt", "_nul.txt"],
    ["50% off: $5 `now`", "50-off-5-now"],
    ["Größe 日本語 🎉", "Größe-日本語-🎉"],
    ["\u202egnp.exe", "gnp.exe"],
    ["--help", "help"],
    ["trailing. ", "trailing"],
  ])("%j becomes %j", (label, expected) => {
    expect(safeName(label)).toBe(expected);
  });
});
