import { WarningCode, warningCodeName } from "@polyreel/contract";
import { CERTIFICATE_FIELDS, type Row } from "./row.js";

/** A row as one line of JSON. */
export const jsonLine = (row: Row): string => `${JSON.stringify(row)}\n`;

/**
 * The header of the CSV form: the blocks' columns are `choice.<block>`, those of metadata `meta.<block>.<key>`, so that no
 * name meets another column.
 */
export const csvHeader = (blocks: readonly string[], metadata: readonly string[] = []): string =>
  csvRecord([
    "id",
    "status",
    ...blocks.map((block) => `choice.${block}`),
    ...metadata.map((key) => `meta.${key}`),
    "file",
    "urlPath",
    "durationSeconds",
    ...CERTIFICATE_FIELDS,
    "traceId",
    "failure.block",
    "failure.choice",
    "failure.reason",
    "failure.remedy",
    "warnings",
    "failure.code",
    "warnings.code",
    "output",
    "rejectionReason",
  ]);

/** Of a warning that an earlier release wrote: so that each has its code, in their order. */
const NO_CODE = warningCodeName(WarningCode.UNSPECIFIED);

const warningText = ({ block, choice, reason }: NonNullable<Row["warnings"]>[number]): string =>
  [block, choice].filter(Boolean).join("/") + (block ? `: ${reason}` : reason);

/** A row in the columns of `csvHeader`; what it does not have is empty. */
export function csvLine(row: Row, blocks: readonly string[], metadata: readonly string[] = []): string {
  const { id, status, choices, file, urlPath, durationSeconds, certificate = {}, traceId, failure } = row;
  return csvRecord([
    id,
    status,
    ...blocks.map((block) => choices[block]),
    ...metadata.map((key) => row.metadata?.[key]),
    file,
    urlPath,
    durationSeconds,
    ...CERTIFICATE_FIELDS.map((field) => certificate[field]),
    traceId,
    failure?.block,
    failure?.choice,
    failure?.reason,
    failure?.remedy,
    row.warnings?.map(warningText).join(" "),
    failure?.code,
    row.warnings?.map(({ code = NO_CODE }) => code).join(" "),
    row.output,
    row.rejectionReason,
  ]);
}

/** A record as RFC 4180 has it: fields with separators, quotes or line breaks are quoted, quotes doubled, CRLF ends it. */
const csvRecord = (fields: readonly (string | number | boolean | undefined)[]): string =>
  `${fields.map((field) => quoted(String(field ?? ""))).join(",")}\r\n`;

const quoted = (field: string): string => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
