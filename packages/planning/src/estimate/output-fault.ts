import { clone } from "@bufbuild/protobuf";
import { type Failure, FailureSchema, type Output } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";

/**
 * Why an output cannot be made, with the path of its setting, as renderers report it: "outputs[1].transcode.trim.start".
 * Rethrows all but PolyreelError `invalid`.
 */
export function outputFault({ operation }: Output, number: number, error: unknown): Failure {
  if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
  const failure = clone(FailureSchema, error.failure);
  failure.field = [`outputs[${number}]`, operation.case, error.failure.field].filter(Boolean).join(".");
  return failure;
}
