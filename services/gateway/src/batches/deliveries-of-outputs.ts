import type { OutputSummary } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { nearest, quote } from "@polyreel/spec";

/**
 * Numbers of the deliveries of the outputs named in a request field; empty if none are named. Throws PolyreelError
 * `invalid` for an unknown name.
 */
export function deliveriesOfOutputs(
  outputs: readonly OutputSummary[],
  wanted: readonly string[],
  field: string,
): number[] {
  const names = outputs.map(({ name }) => name);
  for (const [i, name] of wanted.entries()) if (!names.includes(name)) throw unknown(name, names, `${field}[${i}]`);
  const owners = outputs.flatMap(({ name, deliveries }) => Array.from({ length: deliveries }, () => name));
  return owners.flatMap((name, number) => (wanted.includes(name) ? number : []));
}

function unknown(name: string, names: readonly string[], field: string): PolyreelError {
  const near = nearest(name, names);
  return new PolyreelError("invalid", {
    field,
    reason: `The batch has no output ${quote(name)}.`,
    remedy: `${near ? `Did you mean ${quote(near)}? ` : ""}Its outputs are ${names.map((one) => quote(one)).join(", ")}.`,
  });
}
