import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Batch, DestinationSchema } from "@polyreel/contract";
import type { Command } from "commander";
import { foldersOf } from "./destinations.js";

/** What happens to existing files in the destination. */
export interface FolderFlags {
  overwrite?: boolean | undefined;
  prune?: boolean | undefined;
}

export const withFolderFlags = (command: Command): Command =>
  command
    .option("--overwrite", "overwrite files there of another batch or a person")
    .option("--prune", "remove what earlier batches of this name left there and this one does not have");

/** A folder below the server's as the destination of a request; undefined if no flag is given. */
export function toFolder({
  to: path = "",
  overwrite = false,
  prune = false,
}: FolderFlags & { to?: string | undefined }): {
  destination?: MessageInitShape<typeof DestinationSchema>;
} {
  if (path === "" && !overwrite && !prune) return {};
  return { destination: { kind: { case: "folder", value: { path, overwrite, prune } } } };
}

/** Applies the same flags to a batch to submit; its destinations are otherwise unchanged. */
export function setFolderFlags(batch: Batch, { overwrite = false, prune = false }: FolderFlags): void {
  if (!overwrite && !prune) return;
  for (const folder of foldersOf(batch)) {
    folder.overwrite ||= overwrite;
    folder.prune ||= prune;
  }
}
