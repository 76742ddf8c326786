import { type DescField, type DescMessage, type DescOneof, getOption, hasOption } from "@bufbuild/protobuf";
import { BatchSchema } from "@polyreel/contract";
import { oneof as oneofOption } from "@polyreel/contract/buf/validate/validate_pb.js";
import { alternativesOf } from "../alternative-fields.js";
import { MAX_ROWS } from "../table/index.js";
import { type Describe, describeByComments } from "./describe.js";
import { fieldSchema, type Refer } from "./field-schema.js";
import { DIALECT, type JsonSchema } from "./json-schema.js";
import { isRequired, writtenFields } from "./rules.js";

/**
 * The JSON Schema of batch files, for completion and validation in editors. Generated from the contract's descriptors,
 * like the reader of batch files, so new fields are supported at once, with their comments and rules.
 */
export function batchJsonSchema(): JsonSchema {
  const describe = describeByComments();
  const definitions = new Map<string, JsonSchema>();
  const refer: Refer = (message) => {
    if (!definitions.has(message.name)) {
      definitions.set(message.name, {}); // Messages may be recursive.
      definitions.set(message.name, messageSchema(message, refer, describe));
    }
    return { $ref: `#/$defs/${message.name}` };
  };
  const batch = messageSchema(BatchSchema, refer, describe);
  return {
    $schema: DIALECT,
    title: "Polyreel batch",
    ...batch,
    properties: { ...(batch.properties as JsonSchema), rows: ROWS },
    ...BLOCKS_OR_INPUTS,
    $defs: Object.fromEntries(definitions),
  };
}

/** The contract's rules leave this to the checks, which give better messages. */
const BLOCKS_OR_INPUTS = { oneOf: [{ required: ["blocks"] }, { required: ["inputs"] }] };

/** Not of the contract: what reads a batch file makes choices of the rows. */
const ROWS: JsonSchema = {
  description:
    "Rows whose columns the choices name in braces, as in {price}: the name of a CSV, TSV or JSON file, or a list. A choice that names columns stands for one a row, and such blocks move together.",
  anyOf: [
    { type: "string", pattern: "\\.(csv|tsv|tab|txt|json|CSV|TSV|TAB|TXT|JSON)$" },
    {
      type: "array",
      minItems: 1,
      maxItems: MAX_ROWS,
      items: { type: "object", additionalProperties: { type: ["string", "number", "boolean", "null"] } },
    },
  ],
};

/** The schema as a JSON file. */
export const batchSchemaText = (): string => `${JSON.stringify(batchJsonSchema(), undefined, 2)}\n`;

function messageSchema(message: DescMessage, refer: Refer, describe: Describe): JsonSchema {
  const schemaOf = (field: DescField) => {
    const forms = alternativesOf(field).map((form) => ({ ...fieldSchema(form, refer), ...describe(form) }));
    return forms.length > 1 ? { anyOf: forms } : (forms[0] ?? {});
  };
  const fields = writtenFields(message);
  const required = fields.filter(isRequired).map(({ jsonName }) => jsonName);
  // The contract's own field names are accepted too, but not suggested.
  const others = fields.filter(({ name, jsonName }) => name !== jsonName);
  const choices = message.oneofs.flatMap(oneofSchemas);
  return {
    ...describe(message),
    type: "object",
    properties: Object.fromEntries(fields.map((field) => [field.jsonName, schemaOf(field)])),
    ...(others.length > 0 && {
      patternProperties: Object.fromEntries(others.map((field) => [`^${field.name}$`, schemaOf(field)])),
    }),
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    ...(choices.length > 0 && { allOf: choices }),
  };
}

/** At most one field of a oneof may be set, or exactly one. */
function oneofSchemas(oneof: DescOneof): JsonSchema[] {
  const names = writtenFields(oneof.parent).flatMap((field) => (field.oneof === oneof ? [field.jsonName] : []));
  if (hasOption(oneof, oneofOption) && getOption(oneof, oneofOption).required) {
    return [{ oneOf: names.map((name) => ({ required: [name] })) }];
  }
  return names.flatMap((name, at) => names.slice(0, at).map((other) => ({ not: { required: [other, name] } })));
}
