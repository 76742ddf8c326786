import type { Batch } from "@polyreel/contract";
import { cutName, extensionOf, foldName, safeName } from "@polyreel/spec";
import { filled, piecesOf } from "./name-template.js";
import { canvasNames, type Naming } from "./naming.js";

/** Below the output folder it contains other tenants' folders. */
const TENANTS = foldName("tenants");

/**
 * The path of an output's file below the destination's folder, if the output has an exact key: its template with labels
 * and metadata made safe, and nothing appended. An empty name is replaced by the combination's id.
 */
export function exactKeyOf(batch: Batch, as: string): Naming {
  const canvases = canvasNames(batch);
  const extension = extensionOf(as);
  const segments = as
    .slice(0, -extension.length)
    .split("/")
    .map((segment) => piecesOf(segment, batch));
  return (point, id) => {
    const [first = "", ...rest] = segments.map(
      (pieces) => cutName(safeName(filled(pieces, canvases, point, id))).name || id,
    );
    const isTenants = rest.length > 0 && foldName(first) === TENANTS;
    return [isTenants ? `_${first}` : first, ...rest].join("/") + extension;
  };
}
