import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { PolyreelError } from "@polyreel/platform";
import type { RequestCheck } from "../../server/validate.js";

/** Returns a message that follows the contract's rules. Throws PolyreelError `invalid` with the first broken one. */
export function checkedMessage<D extends DescMessage>(
  check: RequestCheck,
  schema: D,
  message: MessageShape<D>,
): MessageShape<D> {
  const [failure] = check(schema, message).failures;
  if (!failure) return message;
  const { field, reason, remedy } = failure;
  throw new PolyreelError("invalid", { field, reason, remedy });
}
