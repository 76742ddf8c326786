import type { MessageInitShape } from "@bufbuild/protobuf";
import type { FailureSchema } from "../gen/polyreel/v1/failure_pb.js";

/** A mistake in a request: the field's path, what is wrong, what to do; block and choice where they are known. */
export type Mistake = MessageInitShape<typeof FailureSchema> & { field: string; reason: string; remedy: string };

/** Thrown where a specification can't be worked with; those who checked it before don't meet it. */
export class SpecError extends Error {
  override readonly name = "SpecError";

  constructor(readonly mistakes: readonly [Mistake, ...Mistake[]]) {
    super(mistakes[0].reason);
  }
}
