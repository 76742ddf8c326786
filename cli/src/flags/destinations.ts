import { create } from "@bufbuild/protobuf";
import {
  type Batch,
  type Destination,
  DestinationSchema,
  type Drive,
  type Folder,
  FolderSchema,
  OutputSchema,
  type S3,
} from "@polyreel/contract";
import { isFormerSpelling } from "@polyreel/spec";

// The destinations in a batch file, whichever way its outputs are written.

type FolderOfAnyKind = Folder | S3 | Drive;

/** The folders of all destinations, to be changed in place. Outputs without a destination get one with this path. */
export function foldersOf(batch: Batch, path = ""): FolderOfAnyKind[] {
  // Inputs have no output by default.
  if (batch.outputs.length === 0 && batch.inputs.length === 0) batch.outputs = [create(OutputSchema)];
  const folder = () => create(DestinationSchema, { kind: { case: "folder", value: { path } } });
  return batch.outputs.flatMap((output) => {
    if (isFormerSpelling(output, batch.outputs)) output.destination ??= folder();
    else if (output.to.length === 0) output.to = [folder()];
    return [...(output.destination ? [output.destination] : []), ...output.to].flatMap((one) => folderOf(one, path));
  });
}

function folderOf({ kind }: Destination, path: string): FolderOfAnyKind[] {
  if (kind.case === undefined) return [];
  if (kind.case !== "virtual") return [kind.value];
  kind.value.folder ??= create(FolderSchema, { path });
  return [kind.value.folder];
}
