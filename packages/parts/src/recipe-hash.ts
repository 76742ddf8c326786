import { createHash } from "node:crypto";
import { type DescMessage, type JsonValue, type MessageShape, toJson } from "@bufbuild/protobuf";
import type { PartKindName } from "./kinds/part-kinds.js";

/**
 * The address of a part: SHA-256 (64 hexadecimal digits) of its kind and its recipe.
 *
 * It hashes the recipe's JSON with sorted keys, not its binary form, because protobuf leaves the order of fields in the
 * binary form to the implementation. Fields at their default are left out, so a field that is added later does not change
 * the hashes of recipes that don't use it.
 */
export function recipeHash<Desc extends DescMessage>(
  kind: PartKindName,
  schema: Desc,
  recipe: MessageShape<Desc>,
): string {
  return createHash("sha256")
    .update(`${kind}\n${canonicalJson(toJson(schema, recipe))}`)
    .digest("hex");
}

/** JSON without white space, the keys of every object in order of their UTF-16 code units. */
function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join()}}`;
}
