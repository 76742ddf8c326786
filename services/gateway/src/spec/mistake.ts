import type { MessageInitShape } from "@bufbuild/protobuf";
import type { FailureSchema } from "@polyreel/contract";

/** A mistake in a request: the field's path, what is wrong, what to do; block and choice where they are known. */
export type Mistake = MessageInitShape<typeof FailureSchema> & { field: string; reason: string; remedy: string };
