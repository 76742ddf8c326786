import { PolyreelError } from "@polyreel/platform";
import { nearest } from "@polyreel/spec";
import type { Direction } from "../read-model/order.js";

/** A field of an `order_by`. */
export interface OrderTerm<Field extends string> {
  readonly field: Field;
  readonly direction: Direction;
}

/**
 * Parses an `order_by` in the syntax of AIP-132 ("size desc, ordinal"), ascending by default. Throws PolyreelError
 * `invalid` naming the allowed fields.
 */
export function parseOrderBy<Field extends string>(text: string, allowed: readonly Field[]): OrderTerm<Field>[] {
  if (text.trim() === "") return [];
  const seen = new Set<string>();
  return text.split(",").map((term) => {
    const [name = "", direction = "asc", ...more] = term.trim().split(/\s+/);
    const field = allowed.find((one) => one === name);
    if (field === undefined) throw unknownField(name, allowed);
    if (more.length > 0 || (direction !== "asc" && direction !== "desc")) {
      throw wrongOrder(`"${term.trim()}" is no field with a direction.`, `Say "${field}" or "${field} desc".`);
    }
    if (seen.has(field)) throw wrongOrder(`"${field}" is named twice.`, "Name each field once.");
    seen.add(field);
    return { field, direction };
  });
}

function unknownField(name: string, allowed: readonly string[]): PolyreelError {
  const meant = nearest(name, allowed);
  const fields = `Fields are ${allowed.join(", ")}.`;
  return wrongOrder(
    name === "" ? "A field is missing." : `Cannot sort by ${JSON.stringify(name)}.`,
    meant ? `Did you mean "${meant}"? ${fields}` : fields,
  );
}

export const wrongOrder = (reason: string, remedy: string): PolyreelError =>
  new PolyreelError("invalid", { field: "order_by", reason, remedy });
