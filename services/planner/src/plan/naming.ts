import { type Batch, type Block, choicesOf } from "@polyreel/contract";
import { enumerate } from "./enumeration.js";
import { cutName, safeName } from "./safe-name.js";

/** File name, without extension, of the combination with these positions and this id. */
export type Naming = (positions: readonly number[], id: string) => string;

/** Up to here every name is tried out; beyond, names that could be the same are taken to be. */
const TRIED_NAMES = 100_000;

type Piece = { literal: string } | { block: number } | { id: true };

/**
 * How a batch's outputs are named: its template with the labels made safe for file systems. The id is added where two
 * combinations could otherwise get the same name, also on file systems that don't tell capitals apart.
 */
export function namingOf(batch: Batch): Naming {
  const labels = batch.blocks.map((block) => choicesOf(block).map(({ label }) => safeName(label)));
  const pieces = parse(batch.naming || defaultTemplate(batch.blocks), batch);
  const hasId = pieces.some((piece) => "id" in piece);
  const fill: Naming = (positions, id) =>
    pieces
      .map((piece) => {
        if ("literal" in piece) return piece.literal;
        return "id" in piece ? id : (labels[piece.block]?.[positions[piece.block] ?? 0] ?? "");
      })
      .join("");
  const addId = !hasId && !tellsApart(batch.blocks, pieces, fill);
  return (positions, id) => {
    const { name, cut } = cutName(safeName(fill(positions, id)));
    return addId || (cut && !hasId) || (cut && !name.includes(id)) || name === "" ? `${name && `${name}_`}${id}` : name;
  };
}

function defaultTemplate(blocks: readonly Block[]): string {
  const varying = blocks.filter((block) => choicesOf(block).length > 1);
  return (varying.length > 0 ? varying : blocks.slice(0, 1)).map(({ name }) => `{${name}}`).join("_");
}

function parse(template: string, batch: Batch): Piece[] {
  return template
    .split(/(\{[^{}]*\})/)
    .filter(Boolean)
    .map((part) => {
      const name = /^\{(.*)\}$/.exec(part)?.[1];
      if (name === undefined) return { literal: part };
      if (name === "id") return { id: true };
      if (name === "batch") return { literal: safeName(batch.name) };
      return { block: batch.blocks.findIndex((block) => block.name === name) };
    });
}

/** Whether every combination gets a name of its own from the template alone. */
function tellsApart(blocks: readonly Block[], pieces: readonly Piece[], fill: Naming): boolean {
  const named = new Set(pieces.flatMap((piece) => ("block" in piece ? [piece.block] : [])));
  if (blocks.some((block, i) => choicesOf(block).length > 1 && !named.has(i))) return false;
  const sizes = blocks.map((block) => choicesOf(block).length);
  if (sizes.reduce((product, size) => product * size, 1) > TRIED_NAMES) return false;
  const seen = new Set<string>();
  for (const positions of enumerate(sizes)) {
    const name = safeName(fill(positions, "")).toLowerCase();
    if (seen.has(name)) return false;
    seen.add(name);
  }
  return true;
}
