import { type RequestedKind, requestedKinds } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";

/** Cost of making one part, joining or delivering once. */
export interface Measured {
  readonly coreSeconds: number;
  /** The quantity that costs grow with: megapixels of a clip, seconds of sound and speech, megabytes of a delivery. */
  readonly amount: number;
  readonly bytes: number;
}

/** Total cost of a class. */
export interface Sums extends Measured {
  readonly parts: number;
  /** Sums of the squared amounts, and of amounts times core seconds, for linear regression. */
  readonly amountSquares: number;
  readonly amountSeconds: number;
}

/** By class, such as "clip 1080x1920 footage", "sound", "voice", "join" and "delivery virtual". */
export type MeasuredRecord = Readonly<Record<string, Sums>>;

/** Number of parts of a class that are remembered; older ones lose weight, as machines and media change. */
const REMEMBERED = 200;
/** Joins and deliveries take about a millisecond, and the last ones of a batch are not representative. */
const REMEMBERED_COMBINATIONS = 5_000;
const COMBINATIONS = new Set(["join", "delivery", "picture"]);

/** Laying a combination out and certifying it. */
export const JOIN = "join";

/** Making a picture of a video. */
export const PICTURE = "picture";

/** Whether delivering a video writes no byte or all of them, which determines its cost. */
export type DeliveryKind = "virtual" | "written";

export const deliveryClass = (kind: DeliveryKind): string => `delivery ${kind}`;

/** With one more part. */
export function withPart(record: MeasuredRecord, name: string, part: Measured): MeasuredRecord {
  const { amount, coreSeconds } = part;
  const single = { ...part, parts: 1, amountSquares: amount ** 2, amountSeconds: amount * coreSeconds };
  return { ...record, [name]: forgetting(name, added(record[name], single)) };
}

/** Two records as one. */
export function merged(one: MeasuredRecord, other: MeasuredRecord): MeasuredRecord {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  const both = (name: string) => forgetting(name, added(one[name], other[name]));
  return Object.fromEntries([...names].map((name) => [name, both(name)]));
}

/** Total of all classes of a kind: the best estimate for a class without measurements. */
export function ofKind(record: MeasuredRecord, kind: RequestedKind): Sums | undefined {
  const classes = Object.entries(record).flatMap(([name, sums]) => (firstWord(name) === kind ? [sums] : []));
  return classes.length > 0 ? classes.reduce((all, sums) => added(all, sums)) : undefined;
}

/** The kind of a class of parts; undefined for a class of something else. */
export const kindOfClass = (name: string): RequestedKind | undefined =>
  requestedKinds.find((kind) => kind === firstWord(name));

const firstWord = (name: string): string => name.split(" ", 1)[0] ?? "";

const NONE: Sums = { parts: 0, coreSeconds: 0, amount: 0, bytes: 0, amountSquares: 0, amountSeconds: 0 };

const added = (one: Sums = NONE, other: Sums = NONE): Sums => ({
  parts: one.parts + other.parts,
  coreSeconds: one.coreSeconds + other.coreSeconds,
  amount: one.amount + other.amount,
  bytes: one.bytes + other.bytes,
  amountSquares: one.amountSquares + other.amountSquares,
  amountSeconds: one.amountSeconds + other.amountSeconds,
});

function forgetting(name: string, sums: Sums): Sums {
  const remembered = COMBINATIONS.has(firstWord(name)) ? REMEMBERED_COMBINATIONS : REMEMBERED;
  if (sums.parts <= remembered) return sums;
  const share = remembered / sums.parts;
  return {
    parts: remembered,
    coreSeconds: sums.coreSeconds * share,
    amount: sums.amount * share,
    bytes: sums.bytes * share,
    amountSquares: sums.amountSquares * share,
    amountSeconds: sums.amountSeconds * share,
  };
}

/** Parses a stored record. Throws PolyreelError `internal` if it is damaged. */
export function parseRecord(bytes: Uint8Array): MeasuredRecord {
  const stored: unknown = JSON.parse(Buffer.from(bytes).toString());
  if (typeof stored !== "object" || stored === null) throw damaged();
  return Object.fromEntries(Object.entries(stored).map(([name, sums]) => [name, sumsOf(sums)]));
}

/** Records of earlier releases lack the last two sums: then all parts of a class are assumed to be equal. */
function sumsOf(stored: unknown): Sums {
  const number = (name: keyof Sums, otherwise?: number): number => {
    const value = (stored as Partial<Record<string, unknown>> | null)?.[name] ?? otherwise;
    if (typeof value !== "number" || !Number.isFinite(value) || value < 0) throw damaged();
    return value;
  };
  const [parts, coreSeconds, amount] = [number("parts"), number("coreSeconds"), number("amount")];
  const each = amount / Math.max(parts, 1);
  return {
    ...{ parts, coreSeconds, amount, bytes: number("bytes") },
    amountSquares: number("amountSquares", amount * each),
    amountSeconds: number("amountSeconds", coreSeconds * each),
  };
}

const damaged = (): PolyreelError => new PolyreelError("internal", "The record of part costs is damaged.");
