import type { Batch } from "@polyreel/contract";
import { foldName } from "@polyreel/spec";
import { type Axis, axesOf, type Point, pointCount, pointsAlong } from "./name-points.js";
import type { Piece } from "./name-template.js";

/** Up to this number all names are tried out, in about 0.1 s; beyond, potential duplicates count as duplicates. */
const TRIED_NAMES = 20_000;

/**
 * Whether every combination gets distinct names from these pieces alone: those of its files, which continue the name
 * that `nameAt` composes with `suffixes`. Rules and samples, which exclude combinations, are not considered.
 */
export function uniqueNames(
  batch: Batch,
  pieces: readonly Piece[],
  canvases: readonly string[],
  nameAt: (point: Point) => string,
  suffixes: readonly string[],
): boolean {
  const axes = axesOf(batch);
  const named = new Set(pieces.flatMap((piece) => (piece.kind === "choice" ? [piece.block] : [])));
  if (axes.some(({ size, blocks }) => size > 1 && !blocks.some((block) => named.has(block)))) return false;
  const inner = innerSuffixes(suffixes);
  const isReadable = areReadable(pieces, canvases) && !mayEndIn(inner, pieces, canvases);
  if (isReadable && axes.every((axis) => isTold(axis, pieces))) return true;
  if (pointCount(axes, canvases.length) > TRIED_NAMES) return false;
  const seen = new Set<string>();
  for (const point of pointsAlong(axes, canvases.length)) {
    // By name and suffix, because one name may be another one with a suffix: "a.sheet" beside the sheet of "a".
    for (const suffix of ["", ...inner]) {
      const name = foldName(nameAt(point) + suffix);
      if (seen.has(name)) return false;
      seen.add(name);
    }
  }
  return true;
}

/** The parts before the last extension of files with the same extension: "a.sheet.jpg" could be the poster of "a.sheet". */
function innerSuffixes(suffixes: readonly string[]): string[] {
  const split = suffixes.map((suffix) => {
    const dot = suffix.lastIndexOf(".");
    return { inner: suffix.slice(0, dot), extension: suffix.slice(dot) };
  });
  const plain = new Set(split.flatMap(({ inner, extension }) => (inner === "" ? [extension] : [])));
  return split.flatMap(({ inner, extension }) => (inner !== "" && plain.has(extension) ? [inner] : []));
}

/** Whether a name may end in one of these; readable literal text never does, because it has no dot. */
function mayEndIn(endings: readonly string[], pieces: readonly Piece[], canvases: readonly string[]): boolean {
  const last = pieces.at(-1);
  const texts = last?.kind === "choice" ? last.texts : last?.kind === "canvas" ? canvases : [];
  return endings.some((ending) => texts.some((text) => foldName(text).endsWith(foldName(ending))));
}

/** Literal text that is kept unchanged in a name, and that adjacent text cannot merge with. */
const PLAIN = /^_[\p{L}\p{N}_]*$/u;

/**
 * Whether a name can be parsed back into its texts: each ends at the next "_". Names of millions of combinations need
 * not be tried out then.
 */
function areReadable(pieces: readonly Piece[], canvases: readonly string[]): boolean {
  return pieces.every((piece, i) => {
    if (piece.kind === "index") return false;
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
      new Set(piece.texts.map(foldName)).size === piece.texts.length,
  );
