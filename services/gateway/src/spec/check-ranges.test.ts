import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import {
  AudioSchema,
  CompressSchema,
  ContactSheetSchema,
  ImageSchema,
  SubmitBatchRequestSchema,
  ThumbnailSchema,
  TranscodeSchema,
} from "@polyreel/contract";
import { expect, it } from "vitest";
import { createRequestCheck } from "../server/validate.js";

const check = createRequestCheck();
const source = { location: { case: "sha256" as const, value: "a".repeat(64) } };

/** What no setting of the kind allows: numbers, names of enums, texts. */
function wrongValues(field: DescField): unknown[] {
  if (field.fieldKind === "enum") return [99];
  if (field.fieldKind !== "scalar") return [];
  switch (field.scalar) {
    case ScalarType.UINT32:
      return [2 ** 32 - 1];
    case ScalarType.INT32:
      return [2 ** 31 - 1, -1];
    case ScalarType.DOUBLE:
      return [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e12, -1e12];
    case ScalarType.STRING:
      return ["\n;rm -rf"];
    default:
      return [];
  }
}

/** Any number of bytes can be allowed. */
const UNLIMITED = new Set(["image.maxBytes"]);

/** A range, the values, their form, or where they are listed. */
const ALLOWED = /from -?[\d.]+ to -?[\d.]+|must be .+ or \w+|#rrggbb|`polyreel presets`/;

const OPERATIONS = {
  transcode: TranscodeSchema,
  compress: CompressSchema,
  audio: AudioSchema,
  image: ImageSchema,
  thumbnail: ThumbnailSchema,
  contactSheet: ContactSheetSchema,
} as const satisfies Record<string, DescMessage>;

const cases = Object.entries(OPERATIONS).flatMap(([operation, schema]: [string, DescMessage]) =>
  schema.fields
    .filter((field) => !UNLIMITED.has(`${operation}.${field.jsonName}`))
    .flatMap((field) => wrongValues(field).map((value) => ({ operation, schema, field, name: field.jsonName, value }))),
);

it.each(cases)("names $operation.$name and what it may be, for $value", ({ operation, schema, field, name, value }) => {
  const settings = create(schema);
  reflect(schema, settings as Message).set(field, value as never);
  const batch = { inputs: [{ source }], outputs: [{ operation: { case: operation, value: settings } as never }] };
  const { failures } = check(SubmitBatchRequestSchema, create(SubmitBatchRequestSchema, { batch }));
  expect(failures.map((one) => one.field)).toEqual([`outputs[0].${operation}.${name}`]);
  const [{ reason = "", remedy = "" } = {}] = failures;
  expect(`${reason} ${remedy}`).toMatch(ALLOWED);
  expect(`${reason} ${remedy}`).not.toMatch(/enum|regex|_/);
});
