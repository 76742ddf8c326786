import { type EstimateBatchResponse, OperationScope } from "@polyreel/contract";
import { counted } from "../terminal/numbers.js";
import { row } from "./row.js";

const APPLIED: { readonly [S in OperationScope]: string } = {
  [OperationScope.UNSPECIFIED]: "made",
  [OperationScope.CLIP]: "made once per clip",
  [OperationScope.TIMELINE]: "sound made once per timeline",
  [OperationScope.COMBINATION]: "made per combination",
};

/** Names of scopes in JSON. */
export const scopeName = (scope: OperationScope): string => OperationScope[scope]?.toLowerCase() ?? "";

/** How often the work of each output is done. Numbers of a random sample are left out. */
export function scopeLines({ scopes, drawn }: EstimateBatchResponse): string[] {
  return scopes.map(({ output, scope, distinct, videos }) => {
    const often = `: ${counted(distinct, "encode")} for ${counted(videos, "video")}`;
    return row("", `${output}: ${APPLIED[scope]}${drawn > 0n ? "" : often}`);
  });
}
