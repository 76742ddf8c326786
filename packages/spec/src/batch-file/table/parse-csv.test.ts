import { describe, expect, it } from "vitest";
import { parseCsv } from "./parse-csv.js";

const rows = (text: string) => {
  const { table, problem } = { table: undefined, ...parseCsv("p.csv", text) };
  if (!table) return problem;
  return table.rows.map(({ line, cells }) => [line, ...cells.values()]);
};
const problem = (text: string) => parseCsv("p.csv", text).problem;

describe("parseCsv", () => {
  it.each([
    ["commas", "sku,price\na1,9.90\nb2,5\n"],
    ["semicolons", "sku;price\na1;9.90\nb2;5\n"],
    ["tabs", "sku\tprice\na1\t9.90\nb2\t5\n"],
    ["a byte order mark and CRLF", "\uFEFFsku,price\r\na1,9.90\r\nb2,5\r\n"],
    ["old line ends", "sku,price\ra1,9.90\rb2,5"],
    ["quotes", '"sku","price"\n"a1","9.90"\n"b2","5"'],
    ["a quoted semicolon in its header", '"sku",price\na1,9.90\nb2,5\n'],
    ["spaces", "sku , price\n a1 , 9.90\nb2,5\n"],
    ["empty cells at the ends", "sku,price,,\na1,9.90,,\nb2,5,,\n"],
  ])("reads %s", (_what, text) => {
    expect(rows(text)).toEqual([
      [2, "a1", "9.90"],
      [3, "b2", "5"],
    ]);
  });

  it("reads quotes, separators and line breaks in cells, and lines of rows after them", () => {
    expect(rows('sku,text\na1,"He said ""now"", and\nleft"\n\n;,\nb2,"1,5"\n')).toEqual([
      ...[
        [2, "a1", 'He said "now", and\nleft'],
        [5, ";", ""],
        [6, "b2", "1,5"],
      ],
    ]);
  });

  it("reads Excel's own line about the separator", () => {
    expect(rows("sep=;\r\nsku;price\r\na1;9,90\r\n")).toEqual([[3, "a1", "9,90"]]);
  });

  it("gives missing cells as empty ones", () => {
    expect(rows("sku,price,text\na1\n")).toEqual([[2, "a1", "", ""]]);
  });

  it.each([
    ["", "The table is empty.", 1],
    ["sku,price\n", "There are no rows.", 1],
    ["sku,,price\na,b,c", "Column 2 has no name.", 1],
    ["sku,sku\na,b", 'Two columns are named "sku".', 1],
    ["sku,price\na1,9\nb2,9,90\n", "Row 2 has 3 cells, and there are 2 columns.", 3],
    ['sku,price\na1,"9\nb2,3\n', "A quote in row 1 is not closed.", 3],
    ['sku,price\na1,9"\nb2,7 "x" \n', "A quote stands in the middle of a cell in row 1.", 2],
    [`sku\n${"a\n".repeat(10_001)}`, "There are 10,001 rows; at most 10,000 are allowed.", 1],
  ])("refuses %j", (text, what, line) => {
    expect(problem(text)).toMatchObject({ what, where: { file: "p.csv", line } });
  });

  it("refuses a file without ends of cells in bounded time", () => {
    expect(problem(`sku,price\n"${"x".repeat(30_000_000)}`)).toMatchObject({
      what: "A quote in row 1 is not closed.",
    });
  });
});
