import type { Batch } from "@polyreel/contract";
import { type Axis, axesOf, type Point, pointCount, pointsAlong } from "./name-points.js";
import type { Piece } from "./name-template.js";

/** Up to here all names are tried out, in about 0.1 s; beyond, names that could be the same are taken to be. */
const TRIED_NAMES = 20_000;

/**
 * Whether every combination gets a name of its own from these pieces, which are all there is to it; `nameAt` puts them
 * together. Rules and samples, which leave combinations out, are not looked at.
 */
export function toldApart(
  batch: Batch,
  pieces: readonly Piece[],
  canvases: readonly string[],
  nameAt: (point: Point) => string,
): boolean {
  const axes = axesOf(batch);
  const named = new Set(pieces.flatMap((piece) => (piece.kind === "choice" ? [piece.block] : [])));
  if (axes.some(({ size, blocks }) => size > 1 && !blocks.some((block) => named.has(block)))) return false;
  if (areReadable(pieces, canvases) && axes.every((axis) => isTold(axis, pieces))) return true;
  if (pointCount(axes, canvases.length) > TRIED_NAMES) return false;
  const seen = new Set<string>();
  for (const point of pointsAlong(axes, canvases.length)) {
    const name = folded(nameAt(point));
    if (seen.has(name)) return false;
    seen.add(name);
  }
  return true;
}

/** Capitals of all letters: "ß" is "SS" to some file systems. */
const folded = (name: string): string => name.toUpperCase();

/** Literal text that a name keeps as it is, and that no text beside it grows into. */
const PLAIN = /^_[\p{L}\p{N}_]*$/u;

/**
 * Whether a name can be read back into the texts it was put together from: each ends where the next "_" stands. Names of
 * millions of combinations need no trying out then.
 */
function areReadable(pieces: readonly Piece[], canvases: readonly string[]): boolean {
  return pieces.every((piece, i) => {
    if (piece.kind === "literal") return PLAIN.test(i === 0 ? `_${piece.text}` : piece.text);
    const texts = piece.kind === "choice" ? piece.texts : canvases;
    const next = pieces[i + 1];
    return next === undefined || (next.kind === "literal" && texts.every((text) => !text.includes("_")));
  });
}

/** Whether the position on an axis follows from the text of one of its blocks. */
const isTold = ({ size, blocks }: Axis, pieces: readonly Piece[]): boolean =>
  size <= 1 ||
  pieces.some(
    (piece) =>
      piece.kind === "choice" &&
      blocks.includes(piece.block) &&
      new Set(piece.texts.map(folded)).size === piece.texts.length,
  );
