import { type DescField, ScalarType } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { isMap, isScalar, type Node } from "yaml";
import { describeNode } from "./describe-node.js";
import { nameOf, type Place, type Reading } from "./reading.js";

/** Same pattern as in the contract. Checked here too, because a message drops "__proto__" before anything can check it. */
const KEY = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;

type MapField = DescField & { fieldKind: "map" };

/** Free-form keys with string values, filled in place. Numbers and booleans are taken as written: `sku: 0047`. */
export function convertMap(
  field: MapField,
  given: Node,
  place: Place,
  reading: Reading,
  target: ReflectMessage,
): undefined {
  if (field.mapKind !== "scalar" || field.scalar !== ScalarType.STRING) {
    throw new Error(`The contract has a map of other things than texts, ${field.name}.`);
  }
  reading.follow(given, place, (node) => {
    if (!isMap(node)) {
      return reading.refuse(node, place, `${nameOf(place)} must be keys with values, not ${describeNode(node)}.`);
    }
    const map = target.get(field);
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? (key.source ?? String(key.value)) : "";
      const at = { ...place, field: `${place.field}.${name}` };
      if (!KEY.test(name)) {
        const remedy = "Begin with a letter and go on with letters, digits and _, up to 63 in all.";
        reading.refuse(key as Node, at, `${JSON.stringify(name)} can't be a key of ${nameOf(place)}.`, remedy);
      } else if (isScalar(value)) {
        const text = reading.wellFormed(value.source ?? String(value.value ?? ""), value, at);
        if (text !== undefined) map.set(name, text);
      } else
        reading.refuse(
          (value ?? key) as Node,
          at,
          `${nameOf(at)} must be a text, not ${describeNode((value ?? key) as Node)}.`,
        );
    }
  });
  return undefined;
}
