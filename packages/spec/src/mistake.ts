import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Failure, FailureCode, FailureSchema } from "@polyreel/contract";

/** A mistake in a request: the field's path, what is wrong, the remedy; block and choice if known. */
export type Mistake = Omit<MessageInitShape<typeof FailureSchema>, "$typeName" | "code"> & {
  field: string;
  reason: string;
  remedy: string;
};

/** A mistake as a failure for clients: the request's fault. */
export const failureOf = (mistake: Mistake): Failure =>
  create(FailureSchema, { ...mistake, code: FailureCode.INVALID_ARGUMENT });

/** Thrown for an invalid specification; cannot happen after successful checks. */
export class SpecError extends Error {
  override readonly name = "SpecError";

  constructor(readonly mistakes: readonly [Mistake, ...Mistake[]]) {
    super(mistakes[0].reason);
  }
}
