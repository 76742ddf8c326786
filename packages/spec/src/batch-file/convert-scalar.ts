import { type DescEnum, ScalarType } from "@bufbuild/protobuf";
import { isScalar, type Node, type Scalar } from "yaml";
import { describeNode } from "./describe-node.js";
import { nameOf, type Place, type Reading } from "./reading.js";

/** A text, number or boolean; values of another type are refused, never converted. */
export function convertScalar(type: ScalarType, given: Node, place: Place, reading: Reading): unknown {
  return reading.follow(given, place, (node) => {
    const value = isScalar(node) ? readScalar(type, node) : undefined;
    if (typeof value === "string") return reading.wellFormed(value, node, place);
    if (value !== undefined) return value;
    const quote =
      type === ScalarType.STRING && isScalar(node)
        ? `Put quotes around it: ${JSON.stringify(node.source ?? "")}.`
        : undefined;
    reading.refuse(node, place, `${nameOf(place)} must be ${describeType(type)}, not ${describeNode(node)}.`, quote);
    return undefined;
  });
}

/** An enum value by its name: `ZOOM_IN`, `IN` or `in`; words may be joined by hyphens, too: `wipe-left`. */
export function convertEnum(desc: DescEnum, given: Node, place: Place, reading: Reading): number | undefined {
  return reading.follow(given, place, (node) => {
    const written = isScalar(node) && typeof node.value === "string" ? node.value : undefined;
    const prefix = (desc.sharedPrefix ?? "").toUpperCase();
    const upper = written?.toUpperCase().replaceAll("-", "_");
    const value = upper && desc.values.find((one) => one.name === upper || one.name === prefix + upper);
    if (value) return value.number;
    const names = desc.values
      .filter((one) => one.number !== 0)
      .map((one) => one.name.slice(prefix.length).toLowerCase());
    const remedy = (written && reading.didYouMean(written, names)) || `Write ${listed(names)}.`;
    reading.refuse(node, place, `${nameOf(place)} can't be ${describeNode(node)}.`, remedy);
    return undefined;
  });
}

function readScalar(type: ScalarType, { value }: Scalar): unknown {
  switch (type) {
    case ScalarType.STRING:
      return typeof value === "string" ? value : undefined;
    case ScalarType.BOOL:
      return typeof value === "boolean" ? value : undefined;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return typeof value === "number" && Number.isFinite(value) ? value : undefined;
    case ScalarType.BYTES:
      return undefined;
    default:
      return readInteger(type, value);
  }
}

function readInteger(type: ScalarType, value: unknown): number | bigint | undefined {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) return undefined;
  if (UNSIGNED.has(type) && value < 0) return undefined;
  if (WIDE.has(type)) return BigInt(value);
  return value <= (UNSIGNED.has(type) ? 2 ** 32 - 1 : 2 ** 31 - 1) && value >= -(2 ** 31) ? value : undefined;
}

const UNSIGNED = new Set([ScalarType.UINT32, ScalarType.UINT64, ScalarType.FIXED32, ScalarType.FIXED64]);
const WIDE = new Set([ScalarType.INT64, ScalarType.UINT64, ScalarType.FIXED64, ScalarType.SFIXED64, ScalarType.SINT64]);

function describeType(type: ScalarType): string {
  if (type === ScalarType.STRING) return "a text";
  if (type === ScalarType.BOOL) return "true or false";
  if (type === ScalarType.BYTES) return "left out (bytes can't be written here)";
  if (type === ScalarType.DOUBLE || type === ScalarType.FLOAT) return "a number";
  return UNSIGNED.has(type) ? "a whole number, 0 or more" : "a whole number";
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
