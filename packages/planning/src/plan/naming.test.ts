import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Batch, BatchSchema } from "@polyreel/contract";
import { choicesOf, cutName, normalizeBatch, safeName } from "@polyreel/spec";
import { describe, expect, it } from "vitest";
import { enumerate } from "./enumeration.js";
import { namingOf } from "./naming.js";

type Labels = Record<string, string[]>;
type More = MessageInitShape<typeof BatchSchema>;

/** The batch's names, in order, with text blocks; each combination's id is "id". */
const names = (naming: string, blocks: Labels, more: More = {}): string[] => {
  const batch = normalizeBatch(
    create(BatchSchema, {
      name: "sale",
      date: "2026-06-30",
      naming,
      blocks: Object.entries(blocks).map(([name, labels]) => ({
        name,
        kind: { case: "text" as const, value: { choices: labels.map((label) => ({ label, text: "x" })) } },
      })),
      ...more,
    }),
  );
  return namesOf(batch);
};

const namesOf = (batch: Batch): string[] => {
  const nameOf = namingOf(batch);
  const sizes = [Math.max(1, batch.canvases.length), ...batch.blocks.map((block) => choicesOf(block).length)];
  return [...enumerate(sizes)].map(([canvas = 0, ...positions]) => nameOf({ canvas, positions }, "id"));
};

describe("namingOf", () => {
  it.each<[string, string, Record<string, string[]>, string[]]>([
    ["the template", "{a}-{b}", { a: ["x"], b: ["1", "2"] }, ["x-1", "x-2"]],
    ["a batch's name and id", "{batch} {id}", { a: ["x", "y"] }, ["sale-id", "sale-id"]],
    ["numbers in the batch's order", "{index}", { a: ["x", "y"], b: ["1", "2"] }, ["1", "2", "3", "4"]],
    [
      "numbers of one length",
      "ad-{index}",
      { a: Array(12).fill("x") },
      [..."123456789"].map((n) => `ad-0${n}`).concat("ad-10", "ad-11", "ad-12"),
    ],
    ["the batch's date", "{date}_{a}", { a: ["x", "y"] }, ["2026-06-30_x", "2026-06-30_y"]],
    ["a block named like the date", "{date}", { date: ["x", "y"] }, ["x", "y"]],
    ["a block named like numbers", "{index}", { index: ["x", "y"] }, ["x", "y"]],
    ["blocks with several choices by default", "", { a: ["x", "y"], b: ["1"] }, ["x", "y"]],
    ["one block if none varies", "", { a: ["x"], b: ["1"] }, ["x"]],
    ["the id added if a block is left out", "{a}", { a: ["x"], b: ["1", "2"] }, ["x_id", "x_id"]],
    ["the id added if labels become equal", "{a}", { a: ["p/q", "p:q"] }, ["p-q_id", "p-q_id"]],
    ["the id added if only capitals differ", "{a}", { a: ["A", "a"] }, ["A_id", "a_id"]],
    [
      "the id added if the separator is ambiguous",
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

describe("namingOf files beside videos", () => {
  const both: More = { outputs: [{ poster: { seconds: 1n }, operation: { case: "contactSheet", value: {} } }] };
  it.each<[string, string, Labels, More, string[]]>([
    ["the sheet of one as the poster of another", "", { a: ["a", "a.sheet"] }, both, ["a_id", "a.sheet_id"]],
    ["the same in other capitals", "{b}-{a}", { a: ["a", "A.Sheet"], b: ["x"] }, both, ["x-a_id", "x-A.Sheet_id"]],
    ["no sheet of the same name", "", { a: ["a", "b.sheet"] }, both, ["a", "b.sheet"]],
    [
      "no posters",
      "",
      { a: ["a", "a.sheet"] },
      { outputs: [{ operation: { case: "contactSheet", value: {} } }] },
      ["a", "a.sheet"],
    ],
    ["neither", "", { a: ["a", "a.sheet"] }, {}, ["a", "a.sheet"]],
  ])("%s", (_, template, blocks, more, expected) => {
    expect(names(template, blocks, more)).toEqual(expected);
  });
});

describe("namingOf labels that file systems treat as equal", () => {
  it.each([
    ["Unicode forms", "\u00e9", "e\u0301"],
    ["a ligature of capitals", "ẞ", "ss"],
    ["a dotted capital", "\u0130", "i\u0307"],
    ["sigma at the end", "ΟΔΟΣ", "οδος"],
    ["a soft hyphen", "a\u00adb", "ab"],
    ["a joiner", "a\u200db", "ab"],
    ["Ångström", "\u212b", "å"],
  ])("%s", (_, one, other) => {
    for (const name of names("", { a: [one, other] })) expect(name).toMatch(/_id$/);
  });
});

describe("namingOf several canvases", () => {
  const on = (...labels: string[]): More => ({
    canvases: labels.map((label, i) => ({ label, width: 100 + 2 * i, height: 200 })),
  });
  const hooks = { a: ["x", "y"] };

  it.each<[string, string, Labels, More, string[]]>([
    ["where the template puts it", "{canvas}-{a}", hooks, on("tall", "wide"), ["tall-x", "tall-y", "wide-x", "wide-y"]],
    ["added by default", "", hooks, on("tall", "wide"), ["x_tall", "y_tall", "x_wide", "y_wide"]],
    ["added if the template leaves them out", "{a}", { a: ["x"] }, on("tall", "wide"), ["x_tall", "x_wide"]],
    ["added beside the id", "{id}", { a: ["x"] }, on("tall", "wide"), ["id_tall", "id_wide"]],
    [
      "before an id that is added",
      "{a}",
      { a: ["x"], b: ["1", "2"] },
      on("t", "w"),
      ["x_t_id", "x_t_id", "x_w_id", "x_w_id"],
    ],
    ["by their sizes", "{a}", { a: ["x"] }, on("", ""), ["x_100x200", "x_102x200"]],
    [
      "made safe, and distinct again",
      "{a}",
      { a: ["x"] },
      on("9:16", "9/16", "9-16-1"),
      ["x_9-16-1-1", "x_9-16-2", "x_9-16-1-3"],
    ],
    [
      "long",
      "{a}",
      { a: ["é".repeat(300)] },
      on("w".repeat(200), "t"),
      [`${"é".repeat(90)}_${"w".repeat(40)}_id`, `${"é".repeat(90)}_t_id`],
    ],
    ["left out if there is only one", "{a}", { a: ["x"] }, on("tall"), ["x"]],
    [
      "once more in a name that is cut",
      "{a}{canvas}",
      { a: ["é".repeat(300)] },
      on("t", "w"),
      [`${"é".repeat(90)}_t_id`, `${"é".repeat(90)}_w_id`],
    ],
  ])("%s", (_, template, blocks, more, expected) => {
    expect(names(template, blocks, more)).toEqual(expected);
  });
});

describe("namingOf linked blocks", () => {
  const linked = (naming: string) =>
    namesOf(
      normalizeBatch(
        create(BatchSchema, {
          naming,
          blocks: ["a", "b"].map((name) => ({
            name,
            link: "language",
            kind: { case: "text" as const, value: { choices: ["en", "de"].map((label) => ({ label, text: "x" })) } },
          })),
        }),
      ),
    );

  it("needs just one of them", () => {
    // Counted without the link, like the helper does, the labels of `a` alone.
    expect(new Set(linked("{a}"))).toEqual(new Set(["en", "de"]));
    expect(new Set(linked("x"))).toEqual(new Set(["x_id"]));
  });
});

describe("namingOf metadata", () => {
  const batch = (naming: string, skus: (string | undefined)[]) =>
    normalizeBatch(
      create(BatchSchema, {
        naming,
        blocks: [
          {
            name: "a",
            kind: {
              case: "text",
              value: { choices: skus.map((sku, i) => ({ label: `l${i}`, text: "x", metadata: sku ? { sku } : {} })) },
            },
          },
        ],
      }),
    );

  it.each<[string, string, (string | undefined)[], string[]]>([
    ["in the place of labels", "{a.sku}", ["A-1", "B-2"], ["A-1", "B-2"]],
    ["beside labels", "{a}_{a.sku}", ["A-1", "A-1"], ["l0_A-1", "l1_A-1"]],
    ["made safe", "{a.sku}", ["../a", "b\n'c'"], ["a", "b-c"]],
    ["that collides, with the id", "{a.sku}", ["A-1", "a/1"], ["A-1_id", "a-1_id"]],
    ["that a choice lacks", "v{a.sku}", ["A-1", undefined], ["vA-1", "v"]],
    ["that no choice has", "{a.other}", ["A-1", "B-2"], ["id", "id"]],
  ])("%s", (_, template, skus, expected) => {
    expect(namesOf(batch(template, skus))).toEqual(expected);
  });
});

describe("namingOf arbitrary labels", () => {
  const NASTY = [
    ...[
      "../../etc/passwd",
      "..",
      ".",
      "",
      "/",
      "\\",
      "C:\\x",
      "a/b",
      "a\\b",
      "con",
      "CON.txt",
      "aux",
      "COM1",
      "lpt¹",
      "nul.",
    ],
    ...['say "hi"', "it's", "`id`", "$(id)", "$HOME", "a;b", "a|b", "a&b", "a>b", "a*b?", "[a]", "~", "-rf", "--help"],
    ...["a\nb", "a\r\nb", "a\tb", "a\0b", "a\u202eb", "a\u200fb", "\ufeffa", " a ", "a.", "a. .", "%2e%2e", "{id}"],
    ...[
      "🎉",
      "👩‍👩‍👧‍👦",
      "e\u0301",
      "é",
      "ß",
      "SS",
      "ss",
      "日本語",
      "שלום",
      "مرحبا",
      "x".repeat(300),
      "🎉".repeat(300),
    ],
  ];
  const ALLOWED = /^(?![.\-~])[^\p{Cc}\p{Cs}/\\:*?"'<>|$`%{}()[\]!#&;^\s]+(?<![.\s])$/u;

  it("give valid, distinct names on every file system", () => {
    const batch = normalizeBatch(
      create(BatchSchema, {
        blocks: [
          { name: "a", kind: { case: "text", value: { choices: NASTY.map((label) => ({ label, text: "x" })) } } },
        ],
      }),
    );
    const nameOf = namingOf(batch);
    const all = NASTY.map((_, i) => nameOf({ canvas: 0, positions: [i] }, `id${i}`));
    for (const name of all) {
      expect(name).toMatch(ALLOWED);
      expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt[\d¹²³])(\.|$)/i);
      expect(Buffer.byteLength(`${name}.sheet.jpg`)).toBeLessThanOrEqual(255);
      expect(Buffer.from(name, "utf8").toString("utf8")).toBe(name);
    }
    expect(new Set(all.map((name) => name.normalize("NFKC").toUpperCase())).size).toBe(NASTY.length);
  });
});

describe("safeName", () => {
  it.each([
    ["../../etc/passwd", "etc-passwd"],
    ["../", ""],
    ["..\\..\\boot.ini", "boot.ini"],
    ['say "hi" to Jim\'s `cat`', "say-hi-to-Jim-s-cat"],
    ["$(rm -rf ~); [x] & {y}", "rm-rf-~-x-y"],
    ["a\r\nb\0c\u2028d", "a-b-c-d"],
    ["👩‍👩‍👧‍👦 family", "👩‍👩‍👧‍👦-family"],
    ["a\u200fb\u061cc", "a-b-c"],
    ["\ud83d alone", "alone"],
    ["cafe\u0301", "café"],
    ["x".repeat(300), "x".repeat(300)],
    ["com1.mp4", "_com1.mp4"],
    ["LPT³", "_LPT³"],
    ["com", "com"],
    ["console", "console"],
    ["aux ", "_aux"],
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

describe("cutName", () => {
  it.each([
    ["x".repeat(300), "x".repeat(180)],
    ["é".repeat(100), "é".repeat(90)],
    ["👩‍👩‍👧‍👦".repeat(10), "👩‍👩‍👧‍👦".repeat(7)],
  ])("never cuts within a character", (name, kept) => {
    expect(cutName(name)).toEqual({ name: kept, cut: true });
    expect(cutName(kept)).toEqual({ name: kept, cut: false });
  });
});
