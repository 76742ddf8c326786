import { randomBytes } from "node:crypto";

const TIME_DIGITS = 12;
const COUNT_DIGITS = 4;
const RANDOM_BYTES = 8;
const DIGITS = TIME_DIGITS + COUNT_DIGITS + 2 * RANDOM_BYTES;

/** 32 hexadecimal digits: milliseconds since 1970, a count within the millisecond, and 64 random bits. */
const ID = /^[0-9a-f]{32}$/;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

let lastMs = 0;
let count = 0;

/** A new id. Those of a process ascend, unless its clock is set back. */
export function newAuditId(nowMs: number): string {
  count = nowMs === lastMs ? Math.min(count + 1, 16 ** COUNT_DIGITS - 1) : 0;
  lastMs = nowMs;
  return hex(nowMs, TIME_DIGITS) + hex(count, COUNT_DIGITS) + randomBytes(RANDOM_BYTES).toString("hex");
}

/** The lowest id of a time: all earlier entries have lower ones. */
export const lowestAuditId = (date: Date): string =>
  hex(Math.min(Math.max(0, Math.ceil(date.getTime())), 16 ** TIME_DIGITS - 1), TIME_DIGITS).padEnd(DIGITS, "0");

export const isAuditId = (text: string): boolean => ID.test(text);

/** The same digits counted from the other end, so that ascending keys begin with the newest entry. Its own inverse. */
export const invertedAuditId = (id: string): string =>
  Array.from(id, (digit) => (15 - Number.parseInt(digit, 16)).toString(16)).join("");
