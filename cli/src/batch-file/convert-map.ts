import { type DescField, ScalarType } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { isMap, isScalar, type Node } from "yaml";
import { describeNode } from "./describe-node.js";
import { nameOf, type Place, type Reading } from "./reading.js";

type MapField = DescField & { fieldKind: "map" };

/** Free keys with texts as values, filled in place. Numbers and truth values are taken as they are written: `sku: 0047`. */
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
      if (name !== "" && isScalar(value)) map.set(name, value.source ?? String(value.value ?? ""));
      else
        reading.refuse(
          (value ?? key) as Node,
          at,
          `${nameOf(at)} must be a text, not ${describeNode((value ?? key) as Node)}.`,
        );
    }
  });
  return undefined;
}
