import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Batch, DestinationSchema, OutputSchema } from "@polyreel/contract";
import type { Command } from "commander";

/** What becomes of files that lie in the destination. */
export interface FolderFlags {
  overwrite?: boolean | undefined;
  prune?: boolean | undefined;
}

export const withFolderFlags = (command: Command): Command =>
  command
    .option("--overwrite", "write over files there that another batch or somebody else put there")
    .option("--prune", "remove what earlier batches of this name left there and this one does not have");

/** A folder below the server's as a request's destination; nothing where nothing of it is given. */
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

/** The same for a batch that is submitted: its destinations stay what they are otherwise. */
export function setFolderFlags(batch: Batch, { overwrite = false, prune = false }: FolderFlags): void {
  if (!overwrite && !prune) return;
  if (batch.outputs.length === 0) batch.outputs = [create(OutputSchema)];
  for (const output of batch.outputs) {
    output.destination ??= create(DestinationSchema, { kind: { case: "folder", value: {} } });
    if (output.destination.kind.case !== "folder") continue;
    output.destination.kind.value.overwrite ||= overwrite;
    output.destination.kind.value.prune ||= prune;
  }
}
