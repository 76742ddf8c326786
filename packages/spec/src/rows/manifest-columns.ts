import type { Batch } from "@polyreel/contract";
import { choiceOf } from "./choice-columns.js";
import type { Column } from "./lines.js";
import type { ManifestRow } from "./manifest-row.js";
import { templateColumns } from "./template-columns.js";

/** A row of `manifest.csv`. */
export interface SheetRow extends ManifestRow {
  /** The combination's poster, in the same folder. */
  readonly poster?: string;
}

/** Columns besides those of blocks and metadata. Existing ones keep their positions; new ones are appended. */
const FIXED: readonly Column<SheetRow>[] = [
  { name: "file", cell: ({ file, location, urlPath }) => file ?? location ?? urlPath },
  { name: "poster", cell: ({ poster }) => poster },
  { name: "seconds", cell: ({ durationSeconds }) => durationSeconds },
  { name: "loudness", cell: ({ certificate }) => loudnessText(certificate?.loudnessLufs) },
  { name: "status", cell: ({ status }) => status },
  { name: "reason", cell: reasonOf },
  { name: "changed", cell: ({ warnings }) => warnings?.map(warningText).join(" ") },
  { name: "output", cell: ({ output }) => output },
  { name: "id", cell: ({ id }) => id },
];

/** Names that no column of a batch can have. */
export const FIXED_COLUMNS: readonly string[] = [...FIXED.map(({ name }) => name), "link"];

interface Options {
  /** Its own columns come along; undefined if it is not known. */
  readonly batch?: Batch | undefined;
  readonly links?: boolean;
}

/**
 * Columns of `manifest.csv`: the blocks' labels by their names, metadata by `<block>.<key>`, the batch's own columns, and
 * what became of each output. A block named like another column is `choice.<block>`. `metadata`: keys, as in rows.
 */
export function manifestColumns(
  blocks: readonly string[],
  metadata: readonly string[] = [],
  { batch, links = false }: Options = {},
): readonly Column<SheetRow>[] {
  const own = batch ? templateColumns(batch) : [];
  const taken = new Set([...FIXED_COLUMNS, ...own.map(({ name }) => name)]);
  const labels = blocks.map((block) => ({ name: taken.has(block) ? `choice.${block}` : block, cell: choiceOf(block) }));
  for (const { name } of labels) taken.add(name);
  return [
    ...labels,
    ...metadata.map((key) => ({ name: taken.has(key) ? `meta.${key}` : key, cell: metadataOf(key) })),
    ...own,
    ...FIXED,
    ...(links ? [{ name: "link", cell: ({ link }: SheetRow) => link }] : []),
  ];
}

const metadataOf =
  (key: string): Column<SheetRow>["cell"] =>
  ({ metadata }) =>
    metadata?.[key];

/** In LUFS, to a tenth. */
function loudnessText(lufs: unknown): string | number | undefined {
  return typeof lufs === "number" ? Math.round(lufs * 10) / 10 : lufs === undefined ? undefined : "silent";
}

function reasonOf({ failure, rejectionReason }: SheetRow): string | undefined {
  if (!failure) return rejectionReason;
  const text = warningText(failure);
  return failure.remedy ? `${text} ${failure.remedy}` : text;
}

interface Placed {
  readonly block?: string;
  readonly choice?: string;
  readonly reason: string;
}

const warningText = ({ block, choice, reason }: Placed): string =>
  [block, choice].filter(Boolean).join("/") + (block ? `: ${reason}` : reason);
