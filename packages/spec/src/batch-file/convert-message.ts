import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectList, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { BlockSchema, InputSchema } from "@polyreel/contract";
import { isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from "yaml";
import { INPUT_BLOCK } from "../inputs.js";
import { fieldOfForm } from "./alternative-fields.js";
import { convertMap } from "./convert-map.js";
import { convertEnum, convertScalar } from "./convert-scalar.js";
import { describeNode } from "./describe-node.js";
import { isEmpty, nameOf, type Place, type Reading } from "./reading.js";
import { writtenFields } from "./schema/rules.js";
import { writtenForms } from "./written-forms.js";
import { commentedColour } from "./yaml-slips.js";

type ListField = DescField & { fieldKind: "list" };

/**
 * Converts a YAML mapping to the message described by a descriptor. It has no knowledge of a batch's fields, so new
 * fields of the contract are supported at once. Invalid values are reported to `reading` and left out.
 */
export function convertMessage(
  desc: DescMessage,
  given: Node,
  place: Place,
  reading: Reading,
): ReflectMessage | undefined {
  return reading.follow(given, place, (node) => {
    const written = writtenForms[desc.typeName];
    if (written && isScalar(node)) return written(node, place, reading);
    if (!isMap(node)) {
      reading.refuse(node, place, `${nameOf(place)} must be fields with values, not ${describeNode(node)}.`);
      return undefined;
    }
    return convertFields(desc, node, namePlace(desc, node, place), reading);
  });
}

function convertFields(desc: DescMessage, node: YAMLMap, place: Place, reading: Reading): ReflectMessage {
  const target = reflect(desc);
  const seen = new Map<DescField, string>();
  for (const pair of node.items) {
    const named = findField(desc, pair, place, reading);
    if (!named) continue;
    const key = pair.key as Node;
    const at = { ...place, field: join(place.field, String((key as Scalar).value)) };
    const field = isEmpty(pair.value) ? named : fieldOfForm(named, reading.target(pair.value as Node));
    if (isEmpty(pair.value)) {
      const remedy = commentedColour((pair.value as Node | null)?.comment);
      if (remedy) reading.refuse(key, at, `${nameOf(at)} is empty.`, remedy);
      continue;
    }
    const other = [...seen.keys()].find((one) => one === field || (field.oneof && one.oneof === field.oneof));
    if (other) {
      const what =
        other === field
          ? `"${field.jsonName}" is written twice.`
          : `"${field.jsonName}" and "${other.jsonName}" can't stand together.`;
      reading.refuse(key, at, what, "Keep one of them.");
      continue;
    }
    seen.set(field, field.jsonName);
    const value = convertField(field, pair.value as Node, at, reading, target);
    if (value !== undefined) target.set(field, value);
  }
  return target;
}

function findField(desc: DescMessage, pair: Pair, place: Place, reading: Reading): DescField | undefined {
  const key = pair.key as Node;
  const name = isScalar(key) ? String(key.value) : "";
  const fields = writtenFields(desc);
  const field = fields.find((one) => one.jsonName === name || one.name === name);
  if (field) return field;
  const names = fields.map((one) => one.jsonName);
  const remedy = reading.didYouMean(name, names) ?? `Fields here: ${names.join(", ")}.`;
  const at = { ...place, field: join(place.field, name) };
  reading.refuse(key, at, `Unknown field ${JSON.stringify(name)}.`, remedy);
  return undefined;
}

/** The value in the form that reflection accepts. Lists and maps are filled in place. */
function convertField(field: DescField, node: Node, place: Place, reading: Reading, target: ReflectMessage): unknown {
  switch (field.fieldKind) {
    case "message":
      return convertMessage(field.message, node, place, reading);
    case "enum":
      return convertEnum(field.enum, node, place, reading);
    case "scalar":
      return convertScalar(field.scalar, node, place, reading);
    case "list":
      return convertList(field, node, place, reading, target);
    case "map":
      return convertMap(field, node, place, reading, target);
  }
}

function convertList(field: ListField, given: Node, place: Place, reading: Reading, target: ReflectMessage): undefined {
  reading.follow(given, place, (node) => {
    if (!isSeq(node)) {
      const remedy = "Write a list: each entry on a line of its own with a dash, or all in square brackets.";
      return reading.refuse(node, place, `${nameOf(place)} must be a list, not ${describeNode(node)}.`, remedy);
    }
    const list = target.get(field);
    for (const [index, item] of node.items.entries()) {
      const at = { ...place, field: `${place.field}[${index}]` };
      if (isEmpty(item)) {
        reading.refuse(
          (item as Node | null) ?? node,
          at,
          `Entry ${index + 1} of ${nameOf(place)} is empty.`,
          "Remove its dash, or fill it.",
        );
        continue;
      }
      addItem(field, item as Node, at, reading, list, index);
    }
  });
  return undefined;
}

/** Adds an entry; of choices and inputs all that it stands for. */
function addItem(field: ListField, item: Node, place: Place, reading: Reading, list: ReflectList, entry: number): void {
  const { expansion } = reading;
  if (!expansion || !(field.name === "choices" || field.name === "inputs")) {
    const value = convertItem(field, item, place, reading);
    if (value !== undefined) list.add(value);
    return;
  }
  for (const { node, place: at, row } of expansion.expand(item, place)) {
    const value = convertItem(field, node, at, reading);
    if (value === undefined) continue;
    list.add(value);
    if (isReflectMessage(value)) expansion.origins.set(value.message, { entry, row });
  }
}

function convertItem(field: ListField, node: Node, place: Place, reading: Reading): unknown {
  switch (field.listKind) {
    case "message":
      return convertMessage(field.message, node, place, reading);
    case "enum":
      return convertEnum(field.enum, node, place, reading);
    case "scalar":
      return convertScalar(field.scalar, node, place, reading);
  }
}

/** Adds the names that users know: the block's, and the choice's or input's label. */
function namePlace(desc: DescMessage, node: YAMLMap, place: Place): Place {
  const text = (...keys: string[]) => keys.map((key) => node.get(key)).find((value) => typeof value === "string");
  if (desc.typeName === BlockSchema.typeName) {
    const block = text("name");
    return block ? { ...place, block } : place;
  }
  const inBlock = desc.typeName === InputSchema.typeName ? { ...place, block: INPUT_BLOCK } : place;
  // Choices have labels; so has a canvas, which belongs to no block.
  if (inBlock.block !== undefined && desc.fields.some((field) => field.name === "label")) {
    const choice = text("label", "text", "source", "image");
    return choice ? { ...inBlock, choice: withoutQuery(choice) } : inBlock;
  }
  return inBlock;
}

/** The query of a URL may contain a signature, so it is never printed. */
const withoutQuery = (name: string): string => name.replace(/^((?:https?|s3):\/\/[^?#]*)[?#].*$/is, "$1");

const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);
