import type { MessageInitShape } from "@bufbuild/protobuf";
import type { DestinationSchema } from "@polyreel/contract";

/** A folder below the server's as a request's destination; nothing where none is given. */
export const toFolder = (path: string | undefined): { destination?: MessageInitShape<typeof DestinationSchema> } =>
  path === undefined ? {} : { destination: { kind: { case: "folder", value: { path } } } };
