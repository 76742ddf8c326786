/** A cell of a table; undefined is empty. */
type Cell = string | number | boolean | undefined;

/** A column of a table: its name, and its cell of a row. */
export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => Cell;
}

/** The names of columns, as the first line of a CSV file. */
export const csvHeader = <Row>(columns: readonly Column<Row>[]): string => csvRecord(columns.map(({ name }) => name));

/** A row in these columns, as a line of CSV. */
export const csvLine = <Row>(row: Row, columns: readonly Column<Row>[]): string =>
  csvRecord(columns.map(({ cell }) => cell(row)));

/** A row as a line of JSON. */
export const jsonLine = (row: object): string => `${JSON.stringify(row)}\n`;

/** A record as RFC 4180 has it: fields with separators, quotes or line breaks are quoted, quotes doubled, CRLF ends it. */
const csvRecord = (cells: readonly Cell[]): string =>
  `${cells.map((cell) => quoted(String(cell ?? ""))).join(",")}\r\n`;

const quoted = (field: string): string => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
