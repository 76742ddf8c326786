import { create } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { SourceSchema } from "@polyreel/contract";
import type { Scalar } from "yaml";
import { describeNode } from "./describe-node.js";
import { parseDuration } from "./duration.js";
import { nameOf, type Place, type Reading } from "./reading.js";

/** Schemes are case-insensitive. */
const URL_FORM = /^(https?|s3):\/\//i;

type WrittenForm = (node: Scalar, place: Place, reading: Reading) => ReflectMessage | undefined;

/** Messages that are written as one value, by type name. */
export const writtenForms: Readonly<Record<string, WrittenForm>> = {
  /** "3s", "500ms", "1m30s" or a number of seconds. */
  [DurationSchema.typeName]: (node, place, reading) => {
    const { value } = node;
    const duration = typeof value === "string" || typeof value === "number" ? parseDuration(value) : undefined;
    if (duration) return reflect(DurationSchema, create(DurationSchema, duration));
    const what = `${nameOf(place)} can't be ${describeNode(node)}.`;
    reading.refuse(node, place, what, 'Write a duration such as "3s", "500ms" or "1m30s", or a number of seconds.');
    return undefined;
  },
  /** The path of a file, or the address of one that is fetched where the batch is made. */
  [SourceSchema.typeName]: (node, place, reading) => {
    if (typeof node.value !== "string" || node.value === "") {
      const what = `${nameOf(place)} must be the path of a file or a URL, not ${describeNode(node)}.`;
      reading.refuse(node, place, what);
      return undefined;
    }
    // Without a name: it is derived where the whole URL may be seen, because the query may contain a key.
    if (URL_FORM.test(node.value)) {
      return reflect(SourceSchema, create(SourceSchema, { location: { case: "url", value: node.value } }));
    }
    // Names are limited by the contract; the end of a path distinguishes files best.
    const message = create(SourceSchema, { name: node.value.slice(-1000) });
    reading.sources.push({ path: node.value, message });
    return reflect(SourceSchema, message);
  },
};
