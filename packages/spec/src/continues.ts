import { clone, equals } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, BlockSchema } from "@polyreel/contract";
import { hasInputs } from "./inputs.js";
import type { Mistake } from "./mistake.js";
import { quote } from "./quote.js";
import { placeKey, sourcePlaces } from "./source-places.js";

/**
 * Why a batch cannot continue an earlier one, both normalised: the earlier one must be a sample, and the two must be
 * equal except for sample, name, file names, outputs and receivers; otherwise it would be unclear which combinations exist
 * already.
 */
export function continueMistakes(batch: Batch, earlier: Batch, earlierId = batch.continues): Mistake[] {
  const field = "continues";
  const id = quote(earlierId);
  if (!earlier.sample) {
    return [
      {
        field,
        reason: `Batch ${id} was no sample: it makes all of its combinations itself.`,
        remedy: "Continue a batch that has a sample, or leave continues out.",
      },
    ];
  }
  const different = difference(batch, earlier);
  if (!different) return [];
  return [
    {
      field,
      reason: `Batch ${id} has other combinations: it differs in ${different}.`,
      remedy:
        "Continue a batch with the same canvases, blocks and rules; or omit continues: identical parts are reused in any case.",
    },
  ];
}

function difference(batch: Batch, earlier: Batch): string | undefined {
  const [a, b] = [combinationsAlone(batch), combinationsAlone(earlier)];
  disregardMissing(a, b);
  if (equals(BatchSchema, a, b)) return undefined;
  const count = Math.max(a.blocks.length, b.blocks.length);
  for (let i = 0; i < count; i++) {
    const [mine, its] = [a.blocks[i], b.blocks[i]];
    if (!mine || !its || !equals(BlockSchema, mine, its))
      return hasInputs(a) ? "its inputs" : `block ${quote((mine ?? its)?.name ?? "")}`;
  }
  return a.where.join("\n") === b.where.join("\n") ? "its canvases" : "its rules";
}

/** A file that was missing for one of two batches is the same source, whenever it was found. */
function disregardMissing(a: Batch, b: Batch): void {
  const others = new Map([...sourcePlaces(b)].map((place) => [placeKey(place), place.source]));
  for (const place of sourcePlaces(a)) {
    const { source } = place;
    const other = others.get(placeKey(place));
    if (!other || ![source, other].some(({ location }) => location.case === "unreadable")) continue;
    source.location = { case: undefined };
    other.location = { case: undefined };
  }
}

/** The batch reduced to what determines its combinations. */
function combinationsAlone(batch: Batch): Batch {
  const alone = clone(BatchSchema, batch);
  alone.name = "";
  alone.naming = "";
  alone.date = "";
  alone.continues = "";
  alone.outputs = [];
  alone.notify = [];
  alone.columns = {};
  alone.lexicon = {};
  delete alone.sample;
  return alone;
}
