import { type DescField, ScalarType } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { isMap, isScalar, type Node } from "yaml";
import { describeNode } from "./describe-node.js";
import { nameOf, type Place, type Reading } from "./reading.js";
import { rulesOf } from "./schema/rules.js";

/** The contract's rule for keys. Checked here too, because a message drops "__proto__" before anything can check it. */
function keyRule(field: MapField): { pattern: RegExp; remedy: string } {
  const { type } = rulesOf(field) ?? {};
  const keys = type?.case === "map" ? type.value.keys?.type : undefined;
  const pattern = keys?.case === "string" ? keys.value.pattern : "";
  return { pattern: new RegExp(pattern, "u"), remedy: REMEDIES[pattern] ?? `A key must match ${pattern}.` };
}

const REMEDIES: Readonly<Record<string, string>> = {
  "^[A-Za-z][A-Za-z0-9_]{0,62}$": "Begin with a letter and go on with letters, digits and _, up to 63 in all.",
  "^[A-Za-z0-9_][A-Za-z0-9 _().:/#-]{0,99}$":
    "Begin with a letter, digit or _ and go on with these, spaces and ( ) . : / # -, up to 100 in all.",
  "^[^\\s_](.{0,198}\\S)?$": "Write a word without spaces around it, of up to 200 characters.",
  "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$": 'Write the tag of a language, such as "de", "pt-BR" or "zh-Hant".',
  "^[a-z0-9][a-z0-9_-]{0,62}$":
    'Begin with a lower-case letter or digit and go on with these, "_" and "-", up to 63 in all.',
};

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
    const { pattern, remedy } = keyRule(field);
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? (key.source ?? String(key.value)) : "";
      const at = { ...place, field: `${place.field}.${name}` };
      if (!pattern.test(name)) {
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
