import type { Output } from "@polyreel/contract";
import { foldName } from "./fold-name.js";
import type { Mistake } from "./mistake.js";
import { extensionOf, operationOf } from "./operations.js";
import { quote } from "./quote.js";
import { cutName, safeName } from "./safe-name.js";

/** Keeps the whole path within limits of file systems. */
const MAX_SEGMENTS = 16;
/** Below the output folder it contains other tenants' folders. */
const TENANTS = "tenants";

/** The first mistake in an output's exact key, not counting its placeholders. */
export function keyMistakes(output: Output, field: string): Mistake[] {
  const { as } = output;
  if (as === "") return [];
  const extension = extensionOf(operationOf(output).suffix);
  if (!as.endsWith(extension) || as.endsWith(`/${extension}`) || as === extension) {
    return [
      {
        field,
        reason: `The key ${quote(as)} is no name of a ${extension} file, which the output is.`,
        remedy: `End it in a name with that extension: "hero${extension}".`,
      },
    ];
  }
  const segments = as.slice(0, -extension.length).split("/");
  if (segments.length > MAX_SEGMENTS) {
    return [
      {
        field,
        reason: `The key has ${segments.length - 1} folders; ${MAX_SEGMENTS - 1} are possible.`,
        remedy: "Take some out.",
      },
    ];
  }
  const wrong = segments.find((segment) => !isSafe(segment));
  if (wrong !== undefined) {
    return [
      {
        field,
        reason: `The key ${quote(as)} is no path below the destination's folder: ${quote(wrong)} can't be a name in it.`,
        remedy: `Write it like "spring/hero${extension}": letters, digits, "_", "-" and ".", with a letter or digit first, up to 180 bytes between two "/".`,
      },
    ];
  }
  if (segments.length > 1 && foldName(segments[0] ?? "") === foldName(TENANTS)) {
    return [{ field, reason: `The folder "${TENANTS}" is that of other tenants.`, remedy: "Choose another folder." }];
  }
  return [];
}

/** Whether it is a safe name already; values of placeholders are made safe when they are filled in. */
function isSafe(segment: string): boolean {
  const filled = segment.replace(/\{[^{}]*\}/g, "x");
  return filled !== "" && safeName(filled) === filled && !cutName(filled).cut;
}
