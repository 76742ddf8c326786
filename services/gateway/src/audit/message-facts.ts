import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { AuditObject } from "@polyreel/contract";

export type ObjectName = Pick<AuditObject, "kind" | "id">;

/** Fields that name an object of the same kind in every message. */
const IDS: Readonly<Record<string, string>> = { batch_id: "batch", sha256: "source" };

/** How deep tenants and objects are looked for: `resumption.batch.tenant`. */
const DEPTH = 3;

/** Names of the fields that are set, with those of messages in them: "batch.name", "request_id". Never values. */
export function setFields(schema: DescMessage, message: Message): string[] {
  return reflected(schema, message).flatMap(({ field, nested }) => {
    const inner = nested ? reflectedFields(nested).map((one) => `${field.name}.${one.field.name}`) : [];
    return inner.length > 0 ? inner : [field.name];
  });
}

/** The value of a text field of this name, in the message or in messages in it; the outermost one. */
export const textIn = (schema: DescMessage, message: Message, name: string): string =>
  found(reflect(schema, message), ({ field, text }) => (field.name === name ? text : undefined)) ?? "";

/**
 * The object that a request or response is about: by a batch's id, a source's hash, or another's `id`, whose kind is in the name
 * of the field or message: `key { id }`, RevokeKeyRequest.
 */
export const objectIn = (schema: DescMessage, message: Message): ObjectName | undefined =>
  found(reflect(schema, message), ({ field, text, kind }) => {
    if (!text) return undefined;
    const known = IDS[field.name];
    if (known) return { kind: known, id: text };
    return field.name === "id" ? { kind, id: text } : undefined;
  });

interface Reflected {
  readonly field: DescField;
  /** Of a text field. */
  readonly text: string | undefined;
  readonly nested: ReflectMessage | undefined;
}

const reflected = (schema: DescMessage, message: Message): Reflected[] => reflectedFields(reflect(schema, message));

const reflectedFields = (message: ReflectMessage): Reflected[] =>
  message.fields
    .filter((field) => message.isSet(field))
    .map((field) => {
      const value: unknown = message.get(field);
      return {
        field,
        text: field.fieldKind === "scalar" && typeof value === "string" ? value : undefined,
        nested: field.fieldKind === "message" ? (value as ReflectMessage) : undefined,
      };
    });

/** Breadth first. */
function found<T>(
  message: ReflectMessage,
  pick: (one: Reflected & { readonly kind: string }) => T | undefined,
): T | undefined {
  let level = [{ message, kind: kindOf(message.desc.name) }];
  for (let depth = 0; depth < DEPTH && level.length > 0; depth++) {
    const below: typeof level = [];
    for (const { message, kind } of level) {
      for (const one of reflectedFields(message)) {
        const picked = pick({ ...one, kind });
        if (picked !== undefined) return picked;
        if (one.nested) below.push({ message: one.nested, kind: one.field.name });
      }
    }
    level = below;
  }
  return undefined;
}

/** "RevokeKeyRequest" is about a "key". */
const kindOf = (messageName: string): string =>
  (/^[A-Z][a-z]+([A-Z]\w*?)(?:Request|Response)$/.exec(messageName)?.[1] ?? messageName).toLowerCase();
