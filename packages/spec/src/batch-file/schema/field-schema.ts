import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { FieldRules } from "@polyreel/contract/buf/validate/validate_pb.js";
import type { JsonSchema } from "./json-schema.js";
import { keywordsOf, rulesOf } from "./rules.js";
import { writtenSchemas } from "./written.js";

/** Returns a reference to the schema of a message. */
export type Refer = (message: DescMessage) => JsonSchema;

/** The values allowed for a field in a batch file: what `convertField` accepts, restricted by the contract's rules. */
export function fieldSchema(field: DescField, refer: Refer): JsonSchema {
  const rules = rulesOf(field);
  switch (field.fieldKind) {
    case "message":
      return messageValue(field.message, keywordsOf(rules), refer);
    case "enum":
      return enumSchema(field.enum);
    case "scalar":
      return scalarSchema(field.scalar, keywordsOf(rules));
    case "list":
      return { type: "array", items: itemSchema(field, itemRules(rules), refer), ...keywordsOf(rules) };
    case "map":
      return mapSchema(rules);
  }
}

const itemRules = (rules: FieldRules | undefined) =>
  rules?.type.case === "repeated" ? rules.type.value.items : undefined;

function itemSchema(field: DescField & { fieldKind: "list" }, rules: FieldRules | undefined, refer: Refer): JsonSchema {
  switch (field.listKind) {
    case "message":
      return messageValue(field.message, keywordsOf(rules), refer);
    case "enum":
      return enumSchema(field.enum);
    case "scalar":
      return scalarSchema(field.scalar, keywordsOf(rules));
  }
}

function messageValue(message: DescMessage, keywords: JsonSchema, refer: Refer): JsonSchema {
  return writtenSchemas[message.typeName]?.(keywords, () => refer(message)) ?? refer(message);
}

/** Suggests the short names; the contract's are accepted too. */
function enumSchema(desc: DescEnum): JsonSchema {
  const prefix = (desc.sharedPrefix ?? "").toUpperCase();
  const upper = desc.values.filter(({ number }) => number !== 0).map(({ name }) => name.slice(prefix.length));
  const lower = upper.map((name) => name.toLowerCase());
  const hyphened = lower.map((name) => name.replaceAll("_", "-"));
  return {
    anyOf: [{ enum: lower }, { type: "string", pattern: `^((${prefix})?(${upper.join("|")})|${hyphened.join("|")})$` }],
  };
}

function scalarSchema(type: ScalarType, keywords: JsonSchema): JsonSchema {
  switch (type) {
    case ScalarType.STRING:
      return { type: "string", ...keywords };
    case ScalarType.BOOL:
      return { type: "boolean" };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: "number", ...keywords };
    case ScalarType.UINT32:
      return { type: "integer", minimum: 0, maximum: 2 ** 32 - 1, ...keywords };
    case ScalarType.UINT64:
      return { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER, ...keywords };
    default:
      throw new Error(`The contract has a number of a kind that no batch file had before: ${ScalarType[type]}.`);
  }
}

/** Free-form keys; numbers and booleans are taken as written. */
function mapSchema(rules: FieldRules | undefined): JsonSchema {
  const { keys, values } = (rules?.type.case === "map" && rules.type.value) || {};
  return {
    type: "object",
    ...(keys && { propertyNames: keywordsOf(keys) }),
    additionalProperties: { type: ["string", "number", "boolean", "null"], ...keywordsOf(values) },
    ...keywordsOf(rules),
  };
}
