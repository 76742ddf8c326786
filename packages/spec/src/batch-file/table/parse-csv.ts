import { CsvError, type InfoRecord, parse } from "csv-parse/sync";
import type { Problem } from "../problem.js";
import { columnsProblem, countProblem, MAX_ROWS, type ReadTable } from "./table.js";

/** Spreadsheets write semicolons where the comma is the decimal mark. */
const DELIMITERS = [",", ";", "\t"];
/** A cell is a text on a picture or the name of a file. A missing quote would make the rest of the file one cell. */
const MAX_RECORD_BYTES = 1_000_000;

/**
 * Parses a table of CSV or TSV (RFC 4180) as spreadsheets write it: with or without a byte order mark, separated by
 * commas, semicolons or tabs, with any line ends, empty rows ignored. Its first row names the columns. `file`: its name in problems.
 */
export function parseCsv(file: string, text: string): ReadTable {
  const problem = (line: number, { what, remedy }: Pick<Problem, "what" | "remedy">): ReadTable => ({
    problem: { what, where: { file, line }, ...(remedy && { remedy }) },
  });
  const [declared, ignored] = declaredDelimiter(text);
  let records: { record: string[]; info: InfoRecord }[];
  try {
    records = parse(text, {
      ...{ bom: true, info: true, trim: true, relax_column_count: true, skip_records_with_empty_values: true },
      delimiter: declared ?? likelyDelimiter(text),
      from_line: ignored + 1,
      max_record_size: MAX_RECORD_BYTES,
      to: MAX_ROWS + 2,
    }) as unknown as typeof records; // Its types do not know the records of `info`.
  } catch (error) {
    if (error instanceof CsvError) return problem(Number(error.lines) || 1, explained(error));
    throw error;
  }
  const [header, ...lines] = records;
  if (!header) return problem(1, { what: "The table is empty.", remedy: "Name the columns in its first row." });
  // Spreadsheets end rows with empty cells up to the widest one.
  const columns = withoutEmptyEnd(header.record);
  const wrong = columnsProblem(columns) ?? countProblem(lines.length);
  if (wrong) return problem(header.info.lines, wrong);
  const rows = [];
  for (const [at, { record, info }] of lines.entries()) {
    const cells = withoutEmptyEnd(record);
    if (cells.length > columns.length) {
      const what = `Row ${at + 1} has ${cells.length} cells, and there are ${columns.length} columns.`;
      return problem(info.lines, { what, remedy: "Put quotes around a cell that contains the separator." });
    }
    const line = info.lines - lineBreaks(record);
    rows.push({ number: at + 1, line, cells: new Map(columns.map((name, i) => [name, cells[i] ?? ""])) });
  }
  return { table: { name: file, columns, rows } };
}

/** Excel's own first line `sep=;`, and the number of lines that this takes. */
function declaredDelimiter(text: string): [delimiter: string | undefined, lines: number] {
  const declared = /^\uFEFF?"?sep=(.)"?\r?\n/i.exec(text)?.[1];
  return [declared, declared ? 1 : 0];
}

/** The most frequent one in the first line, outside quotes. */
function likelyDelimiter(text: string): string {
  const header = /^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(text.trimStart().slice(0, MAX_RECORD_BYTES))?.[0] ?? "";
  const bare = header.replace(/"(?:[^"]|"")*"/g, "");
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ",";
}

function withoutEmptyEnd(cells: readonly string[]): readonly string[] {
  let end = cells.length;
  while (end > 0 && cells[end - 1] === "") end--;
  return cells.slice(0, end);
}

/** The library counts the lines up to the end of a record. */
const lineBreaks = (cells: readonly string[]): number =>
  cells.reduce((sum, cell) => sum + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);

function explained({ code, message, records }: CsvError): Pick<Problem, "what" | "remedy"> {
  const row = Number(records) > 0 ? `row ${records}` : "the first row";
  switch (code) {
    case "CSV_QUOTE_NOT_CLOSED":
    case "CSV_MAX_RECORD_SIZE":
      return {
        what: `A quote in ${row} is not closed.`,
        remedy: 'End the cell with a quote; write a quote within it twice: "".',
      };
    case "INVALID_OPENING_QUOTE":
    case "CSV_INVALID_CLOSING_QUOTE":
    case "CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE":
      return {
        what: `A quote stands in the middle of a cell in ${row}.`,
        remedy: 'Put quotes around the whole cell, and write a quote within it twice: "".',
      };
    default:
      return { what: `The table can't be read: ${message}.` };
  }
}
