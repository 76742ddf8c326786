import type { Batch, Block } from "@polyreel/contract";
import { choicesOf, DATE, safeName } from "@polyreel/spec";
import { numbering, type Point } from "./name-points.js";

/** A piece of a name: text, a value of a block's choice (by position), the canvas's label, the
 * combination's number, or the id. */
export type Piece =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "choice"; readonly block: number; readonly texts: readonly string[] }
  | { readonly kind: "canvas" }
  | { readonly kind: "index"; readonly at: (point: Point) => string }
  | { readonly kind: "id" };

/** The pieces of a batch's file names; all blocks with several choices, joined by "_", by default. */
export const templateOf = (batch: Batch): Piece[] => piecesOf(batch.naming || defaultTemplate(batch.blocks), batch);

/** Those of a template of the batch. */
export const piecesOf = (template: string, batch: Batch): Piece[] =>
  template
    .split(/(\{[^{}]*\})/)
    .filter(Boolean)
    .map((part) => pieceOf(part, batch));

/** The values of the pieces for one combination. */
export const filled = (pieces: readonly Piece[], canvases: readonly string[], point: Point, id: string): string =>
  pieces
    .map((piece) => {
      if (piece.kind === "literal") return piece.text;
      if (piece.kind === "choice") return piece.texts[point.positions[piece.block] ?? 0] ?? "";
      if (piece.kind === "canvas") return canvases[point.canvas] ?? "";
      if (piece.kind === "index") return piece.at(point);
      return id;
    })
    .join("");

function defaultTemplate(blocks: readonly Block[]): string {
  const varying = blocks.filter((block) => choicesOf(block).length > 1);
  return (varying.length > 0 ? varying : blocks.slice(0, 1)).map(({ name }) => `{${name}}`).join("_");
}

function pieceOf(part: string, batch: Batch): Piece {
  const { name, blocks } = batch;
  const placeholder = /^\{(.*)\}$/.exec(part)?.[1];
  if (placeholder === undefined) return { kind: "literal", text: part };
  if (placeholder === "id" || placeholder === "canvas") return { kind: placeholder };
  if (placeholder === "batch") return { kind: "literal", text: safeName(name) };
  // A block may have one of these names since before they were placeholders.
  if (!blocks.some((one) => one.name === placeholder)) {
    if (placeholder === "index") return { kind: "index", at: numbering(batch) };
    if (placeholder === DATE) return { kind: "literal", text: batch.date };
  }
  // A block's name has no dot.
  const [blockName, key] = placeholder.split(".");
  const block = blocks.findIndex((one) => one.name === blockName);
  const choices = blocks[block] ? choicesOf(blocks[block]) : [];
  const texts = choices.map(({ label, metadata }) => safeName(key === undefined ? label : (metadata[key] ?? "")));
  return { kind: "choice", block, texts };
}
