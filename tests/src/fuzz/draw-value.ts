import { create, type DescEnum, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Random } from "../property/random.js";

/** Deeper messages are left empty. */
const MAX_DEPTH = 6;
/** Texts that programs often handle badly. */
const STRINGS = [
  ...[
    "",
    "a",
    "friday",
    "default",
    "state,duration:desc",
    "submitted_at:desc",
    "bnone",
    "{v}-{id}",
    "../../etc/passwd",
    "final/../..",
    ".polyreel",
    "tenants/other",
  ],
  ...["__proto__", "constructor", "toString", "\0", "\ud800", "\udfff\ud800", "é", "e\u0301", "🔥", "\u202e", "a\nb"],
  ...[
    "%s%n",
    "' or 1=1 --",
    "#ffffff",
    "v == 'a'",
    "v in ['a','b'] && true",
    "meta.v.tone == 'x'",
    "1 +",
    "size(v) > 0",
  ],
  ...["http://127.0.0.1:1/", "https://[::1]/", "0".repeat(64), "f".repeat(64), "x".repeat(201), "y".repeat(5001)],
];
const NUMBERS = [0, 1, -1, 2, 16, 64, 100, 1000, 1001, 65_535, 2 ** 31 - 1, -(2 ** 31), 2 ** 32 - 1] as const;
const DOUBLES = [0, -0, 1, -1, 0.5, 25, 1e-300, 1e308, Number.NaN, Infinity, -Infinity, 29.97] as const;
const BIG = [0n, 1n, -1n, 1000n, 2n ** 31n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n] as const;

/** Material for values. `known` are ids and tokens that exist on the server. */
export interface Drawing {
  readonly random: Random;
  readonly known: readonly string[];
}

/** A message of any type, its fields drawn at random. */
export function drawMessage(desc: DescMessage, drawing: Drawing, depth = 0): Message {
  const message = reflect(desc, create(desc), false);
  if (depth > MAX_DEPTH) return message.message;
  const often = drawing.random.pick([0.2, 0.6, 0.95] as const);
  for (const field of desc.fields) if (drawing.random.chance(often)) setField(message, field, drawing, depth);
  return message.message;
}

/** Sets one field to a random value. */
export function setField(message: ReflectMessage, field: DescField, drawing: Drawing, depth = 0): void {
  const { random } = drawing;
  switch (field.fieldKind) {
    case "scalar":
      message.set(field, drawScalar(field.scalar, drawing));
      return;
    case "enum":
      message.set(field, drawEnum(field.enum, random));
      return;
    case "message":
      message.set(field, nested(field.message, drawing, depth));
      return;
    case "list": {
      message.clear(field);
      const list = message.get(field);
      // Long lists of messages would make batches that take minutes to encode.
      const length = random.chance(0.05) && field.listKind !== "message" ? random.whole(64, 2000) : random.whole(0, 3);
      for (let i = 0; i < length; i++) {
        if (field.listKind === "message") list.add(nested(field.message, drawing, depth));
        else list.add(field.listKind === "enum" ? drawEnum(field.enum, random) : drawScalar(field.scalar, drawing));
      }
      return;
    }
    case "map": {
      message.clear(field);
      const map = message.get(field);
      for (let i = random.whole(0, 3); i > 0; i--) {
        const key = drawScalar(field.mapKey, drawing) as string | number;
        if (field.mapKind === "message") map.set(key, nested(field.message, drawing, depth));
        else map.set(key, field.mapKind === "enum" ? drawEnum(field.enum, random) : drawScalar(field.scalar, drawing));
      }
    }
  }
}

const nested = (desc: DescMessage, drawing: Drawing, depth: number): ReflectMessage =>
  reflect(desc, drawMessage(desc, drawing, depth + 1), false);

const drawEnum = (desc: DescEnum, random: Random): number =>
  random.chance(0.1) ? random.pick([-1, 99, 2 ** 31 - 1]) : (random.pick(desc.values)?.number ?? 0);

function drawScalar(type: ScalarType, { random, known }: Drawing): string | number | bigint | boolean | Uint8Array {
  switch (type) {
    case ScalarType.STRING:
      return (random.chance(0.4) ? random.pick(known) : undefined) ?? random.pick(STRINGS) ?? "";
    case ScalarType.BYTES:
      return Uint8Array.from({ length: random.whole(0, 300) }, () => random.whole(0, 255));
    case ScalarType.BOOL:
      return random.chance(0.5);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return random.pick(DOUBLES);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return BigInt.asIntN(64, random.pick(BIG));
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return BigInt.asUintN(64, random.pick(BIG));
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return random.pick(NUMBERS) >>> 0;
    default:
      return random.pick(NUMBERS) | 0;
  }
}
