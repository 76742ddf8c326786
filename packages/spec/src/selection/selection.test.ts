import type { Batch } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { combinationCount } from "../combination-count.js";
import { SpecError } from "../mistake.js";
import { selectionOf } from "./selection.js";
import { batchOf, block, labels, portraitAndSquare } from "./testing/small-batches.js";

const mistakeOf = (batch: Batch) => {
  try {
    selectionOf(batch);
  } catch (error) {
    if (error instanceof SpecError) return error.mistakes[0];
    throw error;
  }
  throw new Error("nothing was wrong");
};

describe("selectionOf", () => {
  const ab = block("one", ["a", "b"]);
  const xyz = block("two", ["x", "y", "z"]);
  const hooks = block("hook", [
    { label: "friday", metadata: { lang: "en", n: "7" } },
    { label: "freitag", metadata: { lang: "de" } },
  ]);

  it.each<[string, Batch, string[]]>([
    ["everything, the last block fastest", batchOf([ab, xyz]), ["a x", "a y", "a z", "b x", "b y", "b z"]],
    ["one block", batchOf([ab]), ["a", "b"]],
    [
      "linked blocks, together at the first one's place",
      batchOf([block("one", ["a", "b"], "l"), xyz, block("three", ["A", "B"], "l")]),
      ["a x A", "a y A", "a z A", "b x B", "b y B", "b z B"],
    ],
    [
      "two links",
      batchOf([
        block("one", ["a", "b"], "l"),
        block("two", ["x", "y"], "m"),
        block("three", ["A", "B"], "l"),
        block("four", ["X", "Y"], "m"),
      ]),
      ["a x A X", "a y A Y", "b x B X", "b y B Y"],
    ],
    [
      "several canvases, slowest of all",
      batchOf([ab], { canvases: portraitAndSquare }),
      ["tall a", "tall b", "square a", "square b"],
    ],
    ["what a rule leaves", batchOf([ab, xyz], { where: ["one != 'a' || two == 'y'"] }), ["a y", "b x", "b y", "b z"]],
    [
      "what a regular expression leaves, however it is written: in linear time",
      batchOf([block("one", [`${"a".repeat(200)}!`, "aa"])], { where: ["one.matches('^(a+)+$')"] }),
      ["aa"],
    ],
    ["what all rules leave", batchOf([ab, xyz], { where: ["one == 'b'", "two in ['x', 'z']"] }), ["b x", "b z"]],
    [
      "by canvas",
      batchOf([ab], { canvases: portraitAndSquare, where: ["canvas == 'tall' || one == 'b'"] }),
      ["tall a", "tall b", "square b"],
    ],
    [
      "by the label of the one canvas",
      batchOf([ab], { canvas: { width: 720, height: 720 }, where: ["canvas == '720x720'"] }),
      ["a", "b"],
    ],
    ["by metadata", batchOf([hooks, xyz], { where: ["meta.hook.lang == 'de' && two == 'x'"] }), ["freitag x"]],
    ["by metadata that some choices have", batchOf([hooks], { where: ["has(meta.hook.n)"] }), ["friday"]],
    ["by metadata that some choices have not", batchOf([hooks], { where: ["meta.hook.n == ''"] }), ["freitag"]],
    ["by metadata as a number", batchOf([hooks], { where: ["has(meta.hook.n) && int(meta.hook.n) > 3"] }), ["friday"]],
    [
      "blocks whose names are no identifiers",
      batchOf([block("call-to-action", ["buy", "try"]), ab], { where: [`choice["call-to-action"] == "buy"`] }),
      ["buy a", "buy b"],
    ],
    [
      "metadata of such blocks",
      batchOf([block("a-b", [{ label: "p", metadata: { k: "1" } }, "q"])], {
        where: [`has(meta["a-b"].k) && meta["a-b"]["k"] == "1"`],
      }),
      ["p"],
    ],
    [
      "a choice named at run time",
      batchOf([ab, xyz], { where: ["['one', 'two'].exists(name, choice[name] == 'z')"] }),
      ["a z", "b z"],
    ],
    [
      "a block called like a property of every object",
      batchOf([block("constructor", ["a", "b"])], { where: ["constructor == 'b'"] }),
      ["b"],
    ],
    ["nothing", batchOf([ab, xyz], { where: ["one == 'a'", "one == 'b'"] }), []],
  ])("accepts %s", async (_, batch, expected) => {
    expect(labels(batch)).toEqual(expected);
    expect(await selectionOf(batch).count()).toBe(expected.length);
  });

  it.each<[string, string, string]>([
    ["one = 'a'", 'The rule "one = \'a\'" can\'t be read: "=" is out of place, at character 5.', "Rules are CEL"],
    ["one == 'a' &&\ntwo ~ 'x'", '"~" is out of place, in line 2 at character 5.', "Rules are CEL"],
    ["", "can't be read: it ends too early, at character 1.", "Rules are CEL"],
    ["loop == 'a'", "it uses a reserved word, at character 1.", 'choice["name"]'],
    ["two == 'x' && onee == 'a'", 'speaks of "onee", and there is no block of that name, at character 15.', '"one"?'],
    ["choice['onee'] == 'a'", 'speaks of "onee"', 'Did you mean "one"?'],
    ["meta.on.k == 'a'", 'speaks of "on"', 'Did you mean "one"?'],
    ["one == 'c'", 'compares block "one" with "c", a label that none has, at character 8.', '"a" and "b"'],
    ["'c' != one", 'compares block "one" with "c"', '"a" and "b"'],
    ["two in ['x', 'w']", 'compares block "two" with "w"', '"x", "y" and "z"'],
    ["canvas == 'wide'", 'compares the canvas with "wide"', '"1080x1920"'],
    ["meta.hook.lng == 'en'", 'asks for "lng" of block "hook"', '"lang" and "n"'],
    ["meta.one.lang == 'en'", 'asks for "lang" of block "one"', "Give its choices metadata."],
    ["one", "is neither true nor false.", "Compare it"],
    ["size(one)", "is neither true nor false.", "Compare it"],
    ["one < 3", "can't be worked out (found no matching overload for '_<_' applied to '(string, int)')", "texts"],
    ["foo(one) == 1", "can't be worked out (unbound function: foo)", "texts"],
  ])("refuses the rule %j", (rule, reason, remedy) => {
    const mistake = mistakeOf(batchOf([ab, xyz, hooks], { where: ["true", rule] }));
    expect(mistake?.field).toBe("where[1]");
    expect(mistake?.reason).toContain(reason);
    expect(mistake?.remedy).toContain(remedy);
  });

  it("names the combination for which a rule fails", async () => {
    const selection = selectionOf(batchOf([hooks, ab], { where: ["one == 'a' || int(meta.hook.lang) > 3"] }));
    await expect(selection.count()).rejects.toThrow(/can't be worked out for hook "friday", one "b"/);
  });

  it("refuses links with different numbers of choices", () => {
    const batch = batchOf([block("one", ["a", "b"], "l"), ab, block("three", ["A"], "l")]);
    expect(mistakeOf(batch)).toMatchObject({
      block: "three",
      field: "blocks[2].link",
      reason: 'Blocks linked by "l" have unequal numbers of choices: "one" has 2, "three" has 1.',
    });
  });

  it("counts beyond what can be listed", async () => {
    const many = Array.from({ length: 40 }, (_, i) =>
      block(
        `b${i}`,
        Array.from({ length: 10 }, (_, j) => `${j}`),
      ),
    );
    const batch = batchOf(many, { where: ["b0 == b39", "b1 != b2"] });
    expect(await selectionOf(batch).count()).toBeCloseTo(9e38, -25);
    expect(combinationCount(batch)).toBe(10n ** 40n);
    const first = selectionOf(batch).combinations().next();
    expect(first.value).toMatchObject({ ordinal: 0 });
  });

  it("refuses a sample from more than it can draw from", async () => {
    const many = Array.from({ length: 16 }, (_, i) =>
      block(
        `b${i}`,
        Array.from({ length: 10 }, (_, j) => `${j}`),
      ),
    );
    const selection = selectionOf(batchOf(many, { sample: { count: 3n } }));
    await expect(selection.count()).rejects.toThrow("more combinations than a sample can be drawn from");
  });

  it("gives up on rules that take too long, and after an abort", async () => {
    const many = Array.from({ length: 12 }, (_, i) =>
      block(
        `b${i}`,
        Array.from({ length: 10 }, (_, j) => `${j}`),
      ),
    );
    const pairs = Array.from({ length: 6 }, (_, i) => `b${i} != b${i + 6}`);
    await expect(selectionOf(batchOf(many, { where: pairs })).count()).rejects.toThrow("tie so many blocks");
    const neighbours = Array.from({ length: 6 }, (_, i) => `b${2 * i} != b${2 * i + 1}`);
    expect(await selectionOf(batchOf(many, { where: neighbours })).count()).toBe(90 ** 6);
    const sum = many.map(({ name }) => name).join(" + ");
    const cancelled = selectionOf(batchOf(many, { where: [`${sum} != ''`] }));
    await expect(cancelled.count(AbortSignal.timeout(20))).rejects.toThrow(/timeout/i);
  });
});
