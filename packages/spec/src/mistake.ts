import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Failure, FailureCode, FailureSchema } from "@polyreel/contract";

/** A mistake in a request: the field's path, what is wrong, what to do; block and choice where they are known. */
export type Mistake = Omit<MessageInitShape<typeof FailureSchema>, "$typeName" | "code"> & {
  field: string;
  reason: string;
  remedy: string;
};

/** A mistake as clients see it: the request's fault. */
export const failureOf = (mistake: Mistake): Failure =>
  create(FailureSchema, { ...mistake, code: FailureCode.INVALID_ARGUMENT });

/** Thrown where a specification can't be worked with; those who checked it before don't meet it. */
export class SpecError extends Error {
  override readonly name = "SpecError";

  constructor(readonly mistakes: readonly [Mistake, ...Mistake[]]) {
    super(mistakes[0].reason);
  }
}
