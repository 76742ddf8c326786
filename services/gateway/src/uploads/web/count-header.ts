import type { IncomingHttpHeaders } from "node:http";
import { PolyreelError } from "@polyreel/platform";

/** A whole number in a header. Throws PolyreelError `invalid` if it is missing, or another value. */
export function countIn(headers: IncomingHttpHeaders, name: string): number {
  const text = headers[name.toLowerCase()]?.toString();
  const value = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new PolyreelError("invalid", {
    field: name,
    reason:
      text === undefined
        ? `The header ${name} is missing.`
        : `must be a whole number >= 0, got ${JSON.stringify(text.slice(0, 80))}`,
    remedy: `Send it as in ${name}: 1048576.`,
  });
}
