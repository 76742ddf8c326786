import { toJson } from "@bufbuild/protobuf";
import { BatchSchema } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { checkBatch } from "../../checks/index.js";
import { normalizeBatch } from "../../normalize.js";
import { selectionOf } from "../../selection/index.js";
import { labels } from "../../selection/testing/small-batches.js";
import { parseBatchFile } from "../parse.js";

const PRODUCTS = "sku,price,photo,badge\na1,9.90,one.jpg,New\nb2,5,two.jpg,\n";
const BLOCKS = `
  - {name: product, video: {choices: [{image: "photos/{photo}", duration: 2s}]}}
  - {name: headline, text: {choices: [{text: "Only {price}!"}]}}
  - {name: music, audio: {choices: [{source: a.mp3}, {label: silence}]}}
`;

const parse = (text: string, csv = PRODUCTS) =>
  parseBatchFile("batch.yaml", text, { readTable: () => ({ text: csv }), listFiles: () => undefined });
const parsed = (text: string, csv?: string) => {
  const { batchFile, problems } = parse(text, csv);
  expect(problems).toEqual([]);
  if (!batchFile) expect.fail();
  return batchFile;
};
const normal = (text: string, csv?: string) => normalizeBatch(parsed(text, csv).batch);
const refused = (text: string, csv?: string) => parse(text, csv).problems;

describe("rows of a batch file", () => {
  it("become choices that move together, with their columns as metadata", () => {
    const batch = normal(`rows: products.csv\nblocks:${BLOCKS}`);
    // Where the files are is known later.
    expect(checkBatch(batch).filter(({ field }) => !/image$|source$/.test(field))).toEqual([]);
    expect(labels(batch)).toEqual(["a1 a1 a", "a1 a1 silence", "b2 b2 a", "b2 b2 silence"]);
    expect(batch.naming).toBe("{product}_{music}");
    expect(toJson(BatchSchema, batch)).toMatchObject({
      blocks: [
        {
          link: "rows",
          video: {
            choices: [
              { label: "a1", image: { name: "photos/one.jpg" }, metadata: { sku: "a1", price: "9.90", badge: "New" } },
              { label: "b2", image: { name: "photos/two.jpg" }, metadata: { sku: "b2", price: "5", badge: "" } },
            ],
          },
        },
        { link: "rows", text: { choices: [{ text: "Only 9.90!" }, { text: "Only 5!" }] } },
        {},
      ],
    });
  });

  it("give columns to names, rules, exact keys and voices", async () => {
    const batch = normal(`rows: products.csv
blocks:
  - {name: product, video: {choices: [{image: "{photo}"}]}}
  - {name: speaker, voice: {choices: [{text: "It costs {price}", voice: "{badge?}"}]}}
naming: "{batch}-{sku}-{ price }"
outputs: [{as: "{sku}/{id}.mp4"}]
where: ["double(meta.product.price) < 9.0"]
`);
    expect(batch.naming).toBe("{batch}-{product.sku}-{product.price}");
    expect(batch.outputs[0]?.as).toBe("{product.sku}/{id}.mp4");
    expect(labels(batch)).toEqual(["b2 b2"]);
    expect(await selectionOf(batch).count()).toBe(1);
    expect(batch.blocks[1]?.kind.value?.choices).toMatchObject([{ voice: "New" }, { voice: "" }]);
  });

  it("become inputs", () => {
    const { batch, locate } = parsed(
      'rows: p.csv\ninputs: [{source: x.mp4}, {source: "{photo}"}]\noutputs: [{thumbnail: {}}]',
    );
    expect(batch.inputs.map(({ label, source }) => [label, source?.name])).toEqual([
      ...[
        ["", "x.mp4"],
        ["a1", "one.jpg"],
        ["b2", "two.jpg"],
      ],
    ]);
    expect(locate({ block: "input", choice: "b2" })).toEqual({
      ...{ file: "batch.yaml", line: 2, column: 27, row: "row 2 of p.csv, line 3" },
    });
  });

  it("may be written in the file, or be JSON", () => {
    const blocks = 'blocks: [{name: t, text: {choices: [{text: "{{{sku}}}: {price}"}]}}]';
    const inline = parsed(`rows: [{sku: 0047, price: 9.90}, {sku: b, price: 5}]\n${blocks}`);
    expect(inline.batch.blocks[0]?.kind.value?.choices).toMatchObject([{ text: "{0047}: 9.90" }, { text: "{b}: 5" }]);
    const json = parsed(
      `rows: p.json\n${blocks}`,
      '[\n\t{"sku": "a", "price": 9.90},\n\t{"sku": "b", "price": "5", "x": true}\n]',
    );
    expect(json.batch.blocks[0]?.kind.value?.choices).toMatchObject([{ text: "{a}: 9.90" }, { text: "{b}: 5" }]);
  });

  it("label choices by number if the first column has a value twice", () => {
    const batch = normal(
      `rows: p.csv\nblocks: [{name: t, text: {choices: [{text: "{price}"}]}}]`,
      "kind,price\nx,1\nx,2\n",
    );
    expect(labels(batch)).toEqual(["1", "2"]);
  });

  it("are located by row when a choice fails later", () => {
    const { locate } = parsed(`rows: products.csv\nblocks:${BLOCKS}`);
    const row = "row 2 of products.csv, line 3";
    expect(locate({ block: "headline", choice: "b2" })).toMatchObject({ line: 4, row });
    expect(locate({ field: "blocks[0].video.choices[1].image" })).toMatchObject({ line: 3, column: 40, row });
    expect(locate({ block: "music", choice: "silence" })).toEqual({ file: "batch.yaml", line: 5, column: 54 });
  });

  const of = (choice: string, rest = "") => `rows: p.csv\nblocks: [{name: t, ${rest}text: {choices: [${choice}]}}]`;
  it.each([
    [
      of('{text: "{prise}"}'),
      'There is no column "prise" in p.csv.',
      'Did you mean "price"? Write a brace itself twice: {{.',
    ],
    [of('{text: "{badge}"}'), 'Column "badge" is empty.', "Fill the cell, or write {badge?} where it may be empty."],
    [
      of('{text: "{sku}"}, {text: b}'),
      "Of a block that uses the rows, one choice stands for all of them; this block has other choices, too.",
      undefined,
    ],
    [of('{text: "{sku}"}', "link: x, "), "A block that uses the rows is linked by them.", undefined],
    [of("{text: sku}"), "No choice uses the rows.", undefined],
    ["rows: p.xlsx", '"p.xlsx" is no table that can be read.', undefined],
    ["rows: {a: b}", '"rows" must be the name of a CSV, TSV or JSON file, or a list.', undefined],
    ["rows: [a]", "Row 1 must be columns with values.", undefined],
    ["rows: [{a: [1]}]", 'Column "a" of row 1 must be a text or a number.', undefined],
    ["rows: []", "There are no rows.", undefined],
  ])("refuse %s", (text, what, remedy) => {
    const [problem] = refused(text);
    expect(problem).toMatchObject({ what, remedy: remedy ?? expect.any(String), where: { file: "batch.yaml" } });
  });

  it("name the row and line of an empty cell", () => {
    expect(refused(of('{text: "{badge}"}'))[0]?.where).toMatchObject({ block: "t", row: "row 2 of p.csv, line 3" });
  });

  it.each(["/etc/passwd", "../secret.jpg", "a/../../b.jpg", "..", "C:\\x.jpg"])(
    "keep %s from leading out of the folder",
    (photo) => {
      const blocks = 'blocks: [{name: v, video: {choices: [{image: "PATH{photo}"}]}}]';
      const [problem] = refused(`rows: p.csv\n${blocks.replace("PATH", "")}`, `photo\n"${photo}"\n`);
      expect(problem?.what).toContain('Column "photo" leads out of the folder: ');
      expect(parsed(`rows: p.csv\n${blocks.replace("PATH", "../up/")}`, "photo\na.jpg\n").sources[0]?.path).toBe(
        "../up/a.jpg",
      );
    },
  );

  it("read 10,000 rows in bounded time, and refuse what stands for too much", () => {
    const csv = `sku,price,photo,badge\n${Array.from({ length: 10_000 }, (_, i) => `s${i},${i},${i}.jpg,New`).join("\n")}`;
    const began = process.cpuUsage();
    expect(parsed(`rows: p.csv\nblocks:${BLOCKS}`, csv).batch.blocks[1]?.kind.value?.choices.length).toBe(10_000);
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1e6).toBeLessThan(5);
    const many = Array.from({ length: 200 }, (_, i) => `k${i}: "{sku}"`).join(", ");
    const choice = `{text: "{sku}", metadata: {${many}}}`;
    expect(refused(of(choice), csv)[0]).toMatchObject({ what: "The rows stand for too many values." });
    const long = `"${"{text}".repeat(1000)}"`;
    const [problem] = refused(of(`{text: ${long}}`), `text\n${`${"x".repeat(10_000)}\n`.repeat(50)}`);
    expect(problem).toMatchObject({ what: "The rows stand for too many values." });
  });

  it("keep braces of files without rows", () => {
    const { batch } = parsed('blocks: [{name: t, text: {choices: [{text: "{{a}} {b}"}]}}]');
    expect(batch.blocks[0]?.kind.value?.choices).toMatchObject([{ text: "{{a}} {b}" }]);
  });
});
