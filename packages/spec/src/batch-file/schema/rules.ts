import { type DescField, type DescMessage, getOption, hasOption } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import { type FieldRules, field as fieldOption } from "@polyreel/contract/buf/validate/validate_pb.js";
import { isAlternative } from "../alternative-fields.js";
import type { JsonSchema } from "./json-schema.js";

/** The contract's rules for a field (protovalidate), if it has any. */
export const rulesOf = (field: DescField): FieldRules | undefined =>
  hasOption(field, fieldOption) ? getOption(field, fieldOption) : undefined;

/** The part of a field's rules that JSON Schema can express. The rest (CEL) becomes part of the description. */
export function keywordsOf(rules: FieldRules | undefined): JsonSchema {
  const { type } = rules ?? {};
  switch (type?.case) {
    case "string": {
      const { minLen, maxLen, pattern } = type.value;
      return {
        ...(minLen > 0n && { minLength: Number(minLen) }),
        ...(maxLen > 0n && { maxLength: Number(maxLen) }),
        ...(pattern && { pattern }),
      };
    }
    case "double":
    case "uint32":
    case "uint64":
      return { ...bounds(type.value, Number), ...(type.value.in.length > 0 && { enum: type.value.in.map(Number) }) };
    case "duration":
      return bounds(type.value, seconds);
    case "repeated": {
      const { minItems, maxItems, unique } = type.value;
      return {
        ...(minItems > 0n && { minItems: Number(minItems) }),
        ...(maxItems > 0n && { maxItems: Number(maxItems) }),
        ...(unique && { uniqueItems: true }),
      };
    }
    case "map":
      return type.value.maxPairs > 0n ? { maxProperties: Number(type.value.maxPairs) } : {};
    default:
      return {};
  }
}

const written = new WeakMap<DescMessage, readonly DescField[]>();

/** The fields of a message that can be set: not those that a rule always refuses, or that others are written for. */
export function writtenFields(message: DescMessage): readonly DescField[] {
  const known = written.get(message) ?? message.fields.filter((field) => !isRefused(field) && !isAlternative(field));
  written.set(message, known); // Cached: a file may have 100,000 fields, and reading rules takes microseconds.
  return known;
}

const isRefused = (field: DescField): boolean =>
  (rulesOf(field)?.cel ?? []).some(({ expression }) => expression === "false");

/** Messages of the CEL rules. */
export const celMessages = (rules: FieldRules | undefined): string[] =>
  (rules?.cel ?? []).map(({ message }) => message);

/** Whether omitting the field violates its rules: it then counts as empty, 0, or an empty list. */
export function isRequired(field: DescField): boolean {
  const rules = rulesOf(field);
  if (rules?.required) return true;
  if (field.fieldKind === "message" || field.oneof || !rules) return false;
  const { minLength = 0, pattern, minItems = 0, exclusiveMinimum } = keywordsOf(rules);
  const wrongWhenEmpty = typeof pattern === "string" && !new RegExp(pattern, "u").test("");
  return wrongWhenEmpty || Number(minLength) > 0 || Number(minItems) > 0 || exclusiveMinimum === 0;
}

interface Bounded<T> {
  readonly greaterThan: { case: "gt" | "gte"; value: T } | { case: undefined; value?: undefined };
  readonly lessThan: { case: "lt" | "lte"; value: T } | { case: undefined; value?: undefined };
}

function bounds<T>({ greaterThan, lessThan }: Bounded<T>, number: (value: T) => number): JsonSchema {
  return {
    ...(greaterThan.case === "gt" && { exclusiveMinimum: number(greaterThan.value) }),
    ...(greaterThan.case === "gte" && { minimum: number(greaterThan.value) }),
    ...(lessThan.case === "lt" && { exclusiveMaximum: number(lessThan.value) }),
    ...(lessThan.case === "lte" && { maximum: number(lessThan.value) }),
  };
}

const seconds = ({ seconds, nanos }: Duration): number => Number(seconds) + nanos / 1e9;
