import type { Batch } from "@polyreel/contract";
import { cutName, distinctNames, fileSuffixes, safeName } from "@polyreel/spec";
import type { Point } from "./name-points.js";
import { filled, type Piece, templateOf } from "./name-template.js";
import { uniqueNames } from "./unique-names.js";

/** File name, without extension, of the combination at this point of the batch and with this id. */
export type Naming = (point: Point, id: string) => string;

/** A canvas's label is a small part of the name. */
const MAX_CANVAS_BYTES = 40;

/** Canvases by labels that are distinct on file systems. */
export const canvasNames = ({ canvases }: Batch): string[] =>
  distinctNames(canvases.map(({ label }) => cutName(safeName(label), MAX_CANVAS_BYTES).name));

/**
 * Names a batch's outputs: its template with labels and metadata made safe for file systems. The canvas's label is
 * appended if there are several and the template omits it; the id if two combinations, or the files beside them, could
 * otherwise get the same name, also on file systems that ignore case or Unicode forms. Rules and samples change no
 * name, so that outputs of a sample keep their names when the batch is continued.
 */
export function namingOf(batch: Batch): Naming {
  const canvases = canvasNames(batch);
  const several = canvases.length > 1;
  const pieces = templateOf(batch);
  const has = (kind: Piece["kind"]) => pieces.some((piece) => piece.kind === kind);
  const fill: Naming = (point, id) => filled(pieces, canvases, point, id);
  const addCanvas = several && !has("canvas");
  const canvasAdded = ({ canvas }: Point) => (addCanvas ? canvases[canvas] : "");
  const withoutId = (point: Point) => joined(safeName(fill(point, "")), canvasAdded(point));
  const whole: readonly Piece[] = addCanvas ? [...pieces, { kind: "literal", text: "_" }, { kind: "canvas" }] : pieces;
  // Outputs with an exact key are named differently.
  const suffixes = fileSuffixes(batch.outputs).filter((_, output) => !batch.outputs[output]?.as);
  // All numbers have the same length, so that names which begin or end in one differ.
  const isNumbered = pieces[0]?.kind === "index" || (!addCanvas && pieces.at(-1)?.kind === "index");
  const addId = !has("id") && !isNumbered && !uniqueNames(batch, whole, canvases, withoutId, suffixes);

  return (point, id) => {
    const { name, cut } = cutName(safeName(fill(point, id)));
    const canvas = cut && several ? canvases[point.canvas] : canvasAdded(point);
    const lacksId = addId || (cut && !(has("id") && name.includes(id)));
    return joined(name, canvas, lacksId ? id : "") || id;
  };
}

const joined = (...parts: (string | undefined)[]): string => parts.filter(Boolean).join("_");
