import { Code, ConnectError } from "@connectrpc/connect";
import { FailureSchema } from "@polyreel/contract";

/** Why a call failed, in the gateway's words. */
export interface Refusal {
  readonly reason: string;
  readonly remedy: string;
  /** Empty if the gateway was not reached. */
  readonly traceId: string;
  /** The same call may succeed later. */
  readonly isTransient: boolean;
}

const OUT_OF_REACH: Refusal = {
  reason: "The gateway cannot be reached.",
  remedy: "The page tries again by itself.",
  traceId: "",
  isTransient: true,
};

/** Of any thrown value. */
export function refusalOf(error: unknown): Refusal {
  const refusal = ConnectError.from(error);
  const traceId = refusal.metadata.get("trace-id") ?? "";
  if (traceId === "" && (error instanceof TypeError || refusal.cause instanceof TypeError)) return OUT_OF_REACH;
  const [failure] = refusal.findDetails(FailureSchema);
  const { reason = refusal.rawMessage, remedy = "" } = failure ?? {};
  return { reason, remedy, traceId, isTransient: refusal.code === Code.Unavailable };
}
