import { type JoinCertificate, WarningCode, warningCodeName } from "@polyreel/contract";
import { choiceColumns } from "./choice-columns.js";
import type { Column } from "./lines.js";
import type { ManifestRow } from "./manifest-row.js";

/** Fields of a joined MP4's certificate, in the order of the columns. */
const CERTIFICATE_FIELDS = [
  "sizeBytes",
  "headerSha256",
  "frames",
  "frameStep",
  "timescale",
  "videoSeconds",
  "audioSeconds",
  "loudnessLufs",
  "truePeakDbtp",
  "predictedMinLufs",
  "predictedMaxLufs",
] as const satisfies readonly ("sizeBytes" | keyof JoinCertificate)[];

/**
 * Columns of `manifest.csv`: those of blocks are `choice.<block>`, those of metadata `meta.<block>.<key>`, so that all
 * names are unique. Existing columns keep their positions; new ones are appended. `metadata`: keys, as in rows.
 */
export const manifestColumns = (
  blocks: readonly string[],
  metadata: readonly string[] = [],
  { links = false }: { readonly links?: boolean } = {},
): readonly Column<ManifestRow>[] => [
  { name: "id", cell: ({ id }) => id },
  { name: "status", cell: ({ status }) => status },
  ...choiceColumns(blocks),
  ...metadata.map((key) => ({ name: `meta.${key}`, cell: (row: ManifestRow) => row.metadata?.[key] })),
  { name: "file", cell: ({ file }) => file },
  { name: "urlPath", cell: ({ urlPath }) => urlPath },
  { name: "durationSeconds", cell: ({ durationSeconds }) => durationSeconds },
  ...CERTIFICATE_FIELDS.map((name) => ({ name, cell: (row: ManifestRow) => measurement(row, name) })),
  { name: "traceId", cell: ({ traceId }) => traceId },
  { name: "failure.block", cell: ({ failure }) => failure?.block },
  { name: "failure.choice", cell: ({ failure }) => failure?.choice },
  { name: "failure.reason", cell: ({ failure }) => failure?.reason },
  { name: "failure.remedy", cell: ({ failure }) => failure?.remedy },
  { name: "warnings", cell: ({ warnings }) => warnings?.map(warningText).join(" ") },
  { name: "failure.code", cell: ({ failure }) => failure?.code },
  { name: "warnings.code", cell: ({ warnings }) => warnings?.map(({ code = NO_CODE }) => code).join(" ") },
  { name: "output", cell: ({ output }) => output },
  { name: "rejectionReason", cell: ({ rejectionReason }) => rejectionReason },
  { name: "location", cell: ({ location }) => location },
  ...(links ? [{ name: "link", cell: ({ link }: ManifestRow) => link }] : []),
];

/** All of a joined MP4 are single values. */
function measurement({ certificate }: ManifestRow, field: (typeof CERTIFICATE_FIELDS)[number]) {
  const value = certificate?.[field];
  return typeof value === "object" ? undefined : value;
}

/** For warnings of earlier releases: each needs a code, in the same order. */
const NO_CODE = warningCodeName(WarningCode.UNSPECIFIED);

const warningText = ({ block, choice, reason }: NonNullable<ManifestRow["warnings"]>[number]): string =>
  [block, choice].filter(Boolean).join("/") + (block ? `: ${reason}` : reason);
