import {
  type DescField,
  type DescMessage,
  getOption,
  isMessage,
  type Message,
  type MessageShape,
  ScalarType,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { field as fieldRules } from "@polyreel/contract/buf/validate/validate_pb.js";
import type { Mistake } from "@polyreel/spec";

/**
 * Limit for entries of all lists and maps of a request together: choices, further lines, metadata. About a second of
 * checking.
 */
const MAX_ENTRIES = 150_000;

/** Findings of one pass over a request, before anything that takes longer. */
export interface RequestSize {
  /** Entries of all lists and maps, as far as counted. */
  readonly entries: number;
  readonly mistakes: readonly Mistake[];
}

/**
 * Counts a request's entries, and finds texts without a UTF-8 encoding and invalid times. Lists that exceed the
 * schema's limit are cut to one entry too many: the request is refused in any case, and the rest need not be checked.
 */
export function measureRequest<D extends DescMessage>(schema: D, message: MessageShape<D>): RequestSize {
  const measure = new Measure();
  measure.message(reflect(schema, message), "");
  const { entries, mistakes } = measure;
  if (entries <= MAX_ENTRIES) return { entries, mistakes };
  const tooMany = {
    field: "",
    reason: `The request has more than ${MAX_ENTRIES.toLocaleString("en-US")} choices, lines and metadata values.`,
    remedy: "Split the batch.",
  };
  return { entries, mistakes: [tooMany] };
}

const MAX_MISTAKES = 100;
// The limits of google.protobuf.Timestamp.
const FIRST_SECOND = BigInt(Date.parse("0001-01-01T00:00:00Z") / 1000);
const LAST_SECOND = BigInt(Date.parse("9999-12-31T23:59:59Z") / 1000);

class Measure {
  entries = 0;
  readonly mistakes: Mistake[] = [];

  message(message: ReflectMessage, path: string): void {
    for (const field of message.fields) {
      if (this.entries > MAX_ENTRIES) return;
      if (message.isSet(field)) this.#field(message, field, path === "" ? field.jsonName : `${path}.${field.jsonName}`);
    }
  }

  #field(message: ReflectMessage, field: DescField, path: string): void {
    if (field.fieldKind === "list") this.#list(message, field, path);
    else if (field.fieldKind === "map") this.#map(message, field, path);
    else if (field.fieldKind === "message") this.#nested(message.get(field), path);
    else if (field.fieldKind === "scalar" && field.scalar === ScalarType.STRING) this.#text(message.get(field), path);
  }

  #nested(message: ReflectMessage, path: string): void {
    if (isMessage(message.message, TimestampSchema)) this.#time(message.message, path);
    else this.message(message, path);
  }

  #time({ seconds, nanos }: Timestamp, path: string): void {
    if (seconds >= FIRST_SECOND && seconds <= LAST_SECOND && nanos >= 0 && nanos < 1e9) return;
    if (this.mistakes.length >= MAX_MISTAKES) return;
    this.mistakes.push({
      field: path,
      reason: "The time is not between the years 1 and 9999.",
      remedy: "Write it as 2026-01-31T12:00:00Z.",
    });
  }

  #list(message: ReflectMessage, field: DescField & { fieldKind: "list" }, path: string): void {
    const list = (message.message as Message & Record<string, unknown[]>)[field.localName] ?? [];
    const most = mostItems(field);
    if (list.length > most) list.length = most + 1;
    this.entries += list.length;
    if (this.entries > MAX_ENTRIES) return;
    if (field.listKind === "message") {
      let index = 0;
      for (const one of message.get(field)) this.message(one as ReflectMessage, `${path}[${index++}]`);
    } else if (field.listKind === "scalar" && field.scalar === ScalarType.STRING) {
      for (const [index, text] of list.entries()) this.#text(text, `${path}[${index}]`);
    }
  }

  #map(message: ReflectMessage, field: DescField & { fieldKind: "map" }, path: string): void {
    const map = (message.message as Message & Record<string, Record<string, unknown>>)[field.localName] ?? {};
    for (const key of Object.keys(map)) {
      if (++this.entries > MAX_ENTRIES) return;
      this.#text(key, path);
      if (field.mapKind === "scalar") this.#text(map[key], `${path}[${JSON.stringify(key)}]`);
    }
  }

  #text(text: unknown, path: string): void {
    if (typeof text !== "string" || !LONE_SURROGATE.test(text) || this.mistakes.length >= MAX_MISTAKES) return;
    this.mistakes.push({
      field: path,
      reason: `The text has half of a character (\\u${surrogateOf(text)}), which cannot be stored.`,
      remedy: "Write the character whole, or leave it out.",
    });
  }
}

const LONE_SURROGATE = /\p{Surrogate}/u;

const surrogateOf = (text: string): string => (LONE_SURROGATE.exec(text)?.[0].charCodeAt(0) ?? 0).toString(16);

const most = new Map<DescField, number>();

/** The schema's limit for a list. */
function mostItems(field: DescField): number {
  const known = most.get(field);
  if (known !== undefined) return known;
  const rules = getOption(field, fieldRules).type;
  const items = rules.case === "repeated" && rules.value.maxItems > 0n ? Number(rules.value.maxItems) : Infinity;
  most.set(field, items);
  return items;
}
