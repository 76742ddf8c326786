import { type DescField, ScalarType } from "@bufbuild/protobuf";

const UNSIGNED = new Set([ScalarType.UINT32, ScalarType.UINT64]);
const NUMBER = "(-?[\\d.]+)";
const BETWEEN = new RegExp(`^must be greater than or equal to ${NUMBER} and less than or equal to ${NUMBER}$`);
const AT_MOST = new RegExp(`^must be less than or equal to ${NUMBER}$`);
const LISTED = /^must be in list \[(.*)\]$/;

/** A validator's message in plain words: a range with both ends, and the values that are allowed, by their names. */
export function allowedValues(message: string, field: DescField | undefined): string {
  if (field?.enum && /^must be one of the defined enum values$/.test(message)) {
    const { values, sharedPrefix = "" } = field.enum;
    const names = values.filter(({ number }) => number !== 0).map(({ name }) => name.slice(sharedPrefix.length));
    return `must be ${listed(names.map((name) => name.toLowerCase()))}`;
  }
  const [, least, most] = BETWEEN.exec(message) ?? [];
  if (least) return `must be from ${least} to ${most}`;
  const [, limit] = AT_MOST.exec(message) ?? [];
  if (limit && field?.scalar && UNSIGNED.has(field.scalar)) return `must be from 0 to ${limit}`;
  const [, list] = LISTED.exec(message) ?? [];
  return list ? `must be ${listed(list.split(", "))}` : message;
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
