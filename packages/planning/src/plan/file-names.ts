import type { Batch } from "@polyreel/contract";
import { fileSuffixes } from "@polyreel/spec";
import { exactKeyOf } from "./exact-key.js";
import type { Point } from "./name-points.js";
import { namingOf } from "./naming.js";

/** Paths of the files of a combination's outputs below their destinations' folders, by index of the output. */
export type FileNames = (point: Point, id: string) => string[];

/** Files are named by the batch's template and their outputs' suffixes, except those of outputs with an exact key. */
export function fileNamesOf(batch: Batch): FileNames {
  const naming = namingOf(batch);
  const suffixes = fileSuffixes(batch.outputs);
  const keys = batch.outputs.map(({ as }) => (as === "" ? undefined : exactKeyOf(batch, as)));
  return (point, id) => {
    const name = naming(point, id);
    return suffixes.map((suffix, output) => keys[output]?.(point, id) ?? name + suffix);
  };
}
