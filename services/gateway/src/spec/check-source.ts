import type { Mistake, Source } from "@polyreel/contract";

/** Whether a source says where its bytes are. */
export function checkSource(source: Source | undefined, field: string): Mistake[] {
  if (!source || source.location.case !== undefined) return [];
  return [
    {
      field,
      reason: "The source says nothing of where its bytes are.",
      remedy: "Store the file with SourceService.PutSource and give its sha256.",
    },
  ];
}
