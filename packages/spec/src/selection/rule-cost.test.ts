import type { Batch } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { SpecError } from "../mistake.js";
import { selectionMistakes, selectionOf } from "./selection.js";
import { batchOf, block } from "./testing/small-batches.js";

/** Two seconds on an idle machine, with a margin for a busy one. Without limits it takes minutes, or never ends. */
const MAX_CPU_SECONDS = 20;

async function cpuSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const v = block("v", ["a", "b", "c"]);
const nested = (depth: number) =>
  `${Array.from({ length: depth }, (_, i) => `[0,1,2,3,4,5,6,7,8,9].all(x${i}, `).join("")}true${")".repeat(depth)} && v == 'a'`;
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);
const withKeys = numbered(5000).map((label) => ({
  label,
  metadata: Object.fromEntries(numbered(10).map((key) => [`k${label}_${key}`, ""])),
}));
const wide = [block("w", numbered(1000)), block("x", numbered(1000))];

describe("rules have a bounded cost", () => {
  it.each<[string, Batch, RegExp]>([
    ["nested macros", batchOf([v], { where: [nested(9)] }), /takes more than 100,000 steps for one combination/],
    [
      "macros whose rounds all fail",
      batchOf([v], { where: [nested(9).replace("true", "int(v) == 1")] }),
      /takes more than 100,000 steps/,
    ],
    [
      "a list that is doubled again and again",
      batchOf([v], { where: [`[[0]]${".map(x,x+x)".repeat(26)}.all(x, x.all(y, y == 0)) && v == 'a'`] }),
      /takes more than 100,000 steps/,
    ],
    [
      "a list of lists that is compared with another one",
      batchOf([v], { where: [`[0]${".map(x,[x,x])".repeat(40)} == [0]${".map(x,[x,x])".repeat(40)} && v == 'a'`] }),
      /takes more than 100,000 steps/,
    ],
    [
      "a text that is doubled again and again",
      batchOf([v], { where: [`[v]${".map(x,x+x)".repeat(40)} != ['a']`] }),
      /takes more than 100,000 steps/,
    ],
    [
      "a regular expression of many instructions",
      batchOf([block("t", ["a".repeat(190)])], { where: [`t.matches('^${"a{0,900}".repeat(10)}b')`] }),
      /takes more than 100,000 steps/,
    ],
    [
      "a regular expression that is slow to compile",
      batchOf([v], { where: [`v.matches('(?i)${"[a-\u{10ffff}]".repeat(100)}')`] }),
      /takes more than 100,000 steps/,
    ],
    ["messages", batchOf([v], { where: ["google.protobuf.ListValue{values: []} == v"] }), /makes a message/],
    ["deep nesting", batchOf([v], { where: [`${"(".repeat(900)}v == 'a'${")".repeat(900)}`] }), /nested too deeply/],
    ["a rule of megabytes", batchOf([v], { where: [`${"v == 'a' || ".repeat(200_000)}true`] }), /2000 are allowed/],
    [
      "all metadata of a block with as many keys as choices",
      batchOf([block("m", withKeys)], { where: ["meta.m.all(k, meta.m[k] == '') || 'x' in meta"] }),
      /takes more than 100,000 steps/,
    ],
    [
      "rules that are cheap for each of many combinations",
      batchOf(wide, { where: numbered(64).map((i) => `w + x + w + x + w + x + w != x + '${i}'`) }),
      /the rules take more than 10,000,000 steps together|tie so many blocks/,
    ],
    [
      "unknown labels beside many known ones",
      batchOf(
        [
          block(
            "t",
            numbered(10_000).map((i) => `label number ${i}`),
          ),
        ],
        {
          where: numbered(64).map((k) => `t in [${numbered(150).map((i) => `'l${k}x${i}'`)}]`),
        },
      ),
      /a label that none has/,
    ],
    [
      "unknown metadata asked for again and again",
      batchOf([block("m", withKeys)], { where: numbered(64).map(() => Array(80).fill("meta.m.zz == 'a'").join("||")) }),
      /none of its choices has metadata/,
    ],
  ])("of %s", { timeout: 60_000 }, async (_, batch, reason) => {
    let first = "";
    const seconds = await cpuSeconds(async () => {
      first = selectionMistakes(batch)[0]?.reason ?? (await reasonOf(batch));
    });
    expect(first).toMatch(reason);
    expect(seconds).toBeLessThan(MAX_CPU_SECONDS);
  });

  it.each<[string, string]>([
    ["macros", "choice.all(one, choice.exists(other, one != other))"],
    ["lists that grow", `[v].map(x, x + 'x').map(x, [x, x]).all(x, x.size() == 2)`],
    ["long lists", `v in ['a','b','c'] && [${numbered(300)}].map(x, x * 2).filter(x, x > 10).size() == 294`],
    ["regular expressions", `v.matches('(?i)^[a-c]$') && v.matches('^\\\\pL$')`],
  ])("without affecting ordinary %s", async (_, rule) => {
    expect(await selectionOf(batchOf([v, block("u", ["a", "d"])], { where: [rule] })).count()).toBe(6);
  });

  it("without blocking the event loop", { timeout: 60_000 }, async () => {
    const steps = `[0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c, true)))`;
    const began = performance.now();
    const counting = selectionOf(batchOf(wide, { where: [`${steps} || w == x`] })).count();
    let turns = 0;
    let isDone = false;
    const others = (async () => {
      for (; !isDone; turns++) await new Promise(setImmediate);
    })();
    await expect(counting).rejects.toThrow("steps together");
    isDone = true;
    await others;
    // One every 10 ms, however fast the machine is.
    expect(turns).toBeGreaterThan((performance.now() - began) / 50);
  });
});

async function reasonOf(batch: Batch): Promise<string> {
  try {
    await selectionOf(batch).count();
    return "";
  } catch (error) {
    if (error instanceof SpecError) return error.message;
    throw error;
  }
}
