/** A cell of a table; undefined is empty. */
export type Cell = string | number | boolean | undefined;

/** A column of a table: its name, and the cell of a row. */
export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => Cell;
}

/** The header line of a CSV file. */
export const csvHeader = <Row>(columns: readonly Column<Row>[]): string => csvRecord(columns.map(({ name }) => name));

/** A row as a line of CSV. */
export const csvLine = <Row>(row: Row, columns: readonly Column<Row>[]): string =>
  csvRecord(columns.map(({ cell }) => cell(row)));

/** A row as a line of JSON. */
export const jsonLine = (row: object): string => `${JSON.stringify(row)}\n`;

/**
 * A record according to RFC 4180: fields with separators, quotes or line breaks are quoted, quotes doubled, ended by
 * CRLF.
 */
const csvRecord = (cells: readonly Cell[]): string =>
  `${cells.map((cell) => quoted(String(cell ?? ""))).join(",")}\r\n`;

const quoted = (field: string): string => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
