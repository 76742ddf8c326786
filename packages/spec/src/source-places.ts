import { type Batch, type Source, SourceSchema } from "@polyreel/contract";
import { choicesOf } from "./choices.js";

/** Where a batch names a source. */
export interface SourcePlace {
  /** "canvas" for one of several canvases; empty if the source belongs to no block. */
  readonly block: string;
  /** Empty if the source belongs to the whole block. */
  readonly choice: string;
  /** Path of the field within the choice, such as `next[0].words`; without a choice within the block, or the batch. */
  readonly field: string;
  readonly source: Source;
}

/** The sources of a batch, normalised so that its blocks and choices have names, in its order. */
export function* sourcePlaces(batch: Batch): Generator<SourcePlace> {
  for (const block of batch.blocks) {
    const { name, kind } = block;
    for (const choice of choicesOf(block)) yield* placed(choice, { block: name, choice: choice.label });
    yield* placed({ ...kind.value, choices: [] }, { block: name, choice: "" });
  }
  for (const canvas of batch.canvases) yield* placed(canvas, { block: "canvas", choice: canvas.label });
  yield* placed({ ...batch, blocks: [], canvases: [] }, { block: "", choice: "" });
}

/** Identifies a place among those of its batch. */
export const placeKey = ({ block, choice, field }: Omit<SourcePlace, "source">): string =>
  JSON.stringify([block, choice, field]);

function* placed(within: object, where: { block: string; choice: string }): Generator<SourcePlace> {
  for (const [field, source] of sourcesIn(within, "")) yield { ...where, field, source };
}

/** The sources in a message, at any depth, with the paths of their fields as batch files spell them. */
function* sourcesIn(value: unknown, path: string): Generator<[path: string, source: Source]> {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if (isSource(value)) yield [path, value];
  else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield* sourcesIn(item, `${path}[${i}]`);
  } else {
    for (const [name, inner] of Object.entries(value)) {
      // Of a oneof, the case is the field's name.
      const [field, content] = isOneof(inner) ? [inner.case, inner.value] : [name, inner];
      yield* sourcesIn(content, path === "" ? field : `${path}.${field}`);
    }
  }
}

const isSource = (value: object): value is Source => "$typeName" in value && value.$typeName === SourceSchema.typeName;

const isOneof = (value: unknown): value is { case: string; value: unknown } =>
  typeof value === "object" && value !== null && "case" in value && typeof value.case === "string";
