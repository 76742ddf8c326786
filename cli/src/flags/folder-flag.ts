import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Batch, DestinationSchema } from "@polyreel/contract";
import { type Placed, parsePlaced } from "@polyreel/spec";
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

/** A folder below the server's, or in a configured destination: `@archive/spring`. */
export const withTo = (command: Command): Command =>
  command.option("--to <folder>", "below the server's output folder, or @destination/folder (where they went before)");

/** Where a request delivers to; undefined if no flag is given. */
export function toFolder({ to = "", overwrite = false, prune = false }: FolderFlags & { to?: string | undefined }): {
  destination?: MessageInitShape<typeof DestinationSchema>;
} {
  if (to === "" && !overwrite && !prune) return {};
  const { destination, bucket, path } = parseTo(to);
  const flags = { destination, overwrite, prune };
  if (bucket !== "") return { destination: { kind: { case: "s3", value: { ...flags, bucket, prefix: path } } } };
  return { destination: { kind: { case: "folder", value: { ...flags, path } } } };
}

/** `spring`, `@archive/spring`, or as lists show it: `archive:/spring`. Without a folder: one named after the batch. */
function parseTo(to: string): Placed {
  const [, destination, path = ""] = /^@([^/]*)(?:\/(.*))?$/.exec(to) ?? [];
  return destination === undefined ? parsePlaced(to) : { destination, bucket: "", path };
}

/** Applies the same flags to a batch to submit; its destinations are otherwise unchanged. */
export function setFolderFlags(batch: Batch, { overwrite = false, prune = false }: FolderFlags): void {
  if (!overwrite && !prune) return;
  for (const folder of foldersOf(batch)) {
    folder.overwrite ||= overwrite;
    folder.prune ||= prune;
  }
}
