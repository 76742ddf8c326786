import { type Cell, type Column, csvHeader, csvLine } from "./lines.js";

/** Spreadsheets take a CSV file for the system's old encoding unless it begins with a byte order mark. */
const BYTE_ORDER_MARK = "\uFEFF";

/** Beginnings of formulas (OWASP, "CSV Injection"), also in their full-width forms. */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** The header of a CSV file for spreadsheets: the first bytes of the file. */
export const spreadsheetHeader = <Row>(columns: readonly Column<Row>[]): string => BYTE_ORDER_MARK + csvHeader(columns);

/** A row of it. A text that a spreadsheet would take for a formula begins with an apostrophe; numbers are unchanged. */
export const spreadsheetLine = <Row>(row: Row, columns: readonly Column<Row>[]): string =>
  csvLine(
    row,
    columns.map(({ name, cell }) => ({ name, cell: (one: Row) => inert(cell(one)) })),
  );

const inert = (cell: Cell): Cell => (typeof cell === "string" && FORMULA.test(cell) ? `'${cell}` : cell);
