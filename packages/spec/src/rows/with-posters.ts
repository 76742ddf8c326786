import type { Batch } from "@polyreel/contract";
import type { SheetRow } from "./manifest-columns.js";
import type { ManifestRow } from "./manifest-row.js";

/**
 * Adds to each row the poster of its combination: the file of the batch's first thumbnail there. Rows of a combination
 * follow each other; those of one at a time are held.
 */
export async function* withPosters(
  rows: AsyncIterable<ManifestRow>,
  batch: Batch | undefined,
): AsyncGenerator<SheetRow> {
  const posters = new Set(
    batch?.outputs.flatMap(({ name, operation }) => (operation.case === "thumbnail" ? [name] : [])),
  );
  let held: ManifestRow[] = [];
  for await (const row of rows) {
    if (held[0] && held[0].id !== row.id) {
      yield* posted(held, posters);
      held = [];
    }
    held.push(row);
  }
  yield* posted(held, posters);
}

function* posted(rows: readonly ManifestRow[], posters: ReadonlySet<string>): Generator<SheetRow> {
  const made = rows.find(({ output, file }) => file !== undefined && posters.has(output))?.file;
  for (const row of rows) {
    const poster = made ?? row.pictures?.[0];
    yield poster === undefined ? row : { ...row, poster };
  }
}
