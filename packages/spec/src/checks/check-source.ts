import type { Source } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";

/** Checks that a source has a location. */
export function checkSource(source: Source | undefined, field: string): Mistake[] {
  if (!source || source.location.case !== undefined) return [];
  return [
    {
      field,
      reason: "The source has no location.",
      remedy: "Store the file with SourceService.PutSource and give its sha256.",
    },
  ];
}
