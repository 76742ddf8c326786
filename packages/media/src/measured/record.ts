import type { Format, PartRequested } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";

/** What parts of a class took altogether. */
export interface Sums {
  readonly parts: number;
  readonly coreSeconds: number;
  /** Of what they cost by: megapixels of clips, seconds of sound and speech. */
  readonly amount: number;
  readonly bytes: number;
}

/** By class, such as "clip 1080x1920 footage", "sound" and "voice". */
export type MeasuredRecord = Readonly<Record<string, Sums>>;

/** So many parts of a class are remembered; older ones count less and less, as machines and media change. */
const REMEMBERED = 200;
const KINDS = ["clip", "sound", "voice"] as const;

/** The class of a clip: clips of one take about as long for each pixel, and as many bytes. */
export function clipClass({ format, still }: { still: boolean; format?: Format | undefined }): string {
  return `clip ${format?.width ?? 0}x${format?.height ?? 0} ${still ? "still" : "footage"}`;
}

/** The class of what is asked for; a transition belongs to the clips it joins. */
export function classOf({ recipe }: Pick<PartRequested, "recipe">): string {
  if (recipe.case === "clip") return clipClass(recipe.value);
  if (recipe.case === "transition") return clipClass(recipe.value.from ?? { still: false });
  return recipe.case ?? "";
}

/** With one more part. */
export function withPart(record: MeasuredRecord, name: string, part: Omit<Sums, "parts">): MeasuredRecord {
  return { ...record, [name]: forgetting(added(record[name], { parts: 1, ...part })) };
}

/** Two records as one. */
export function merged(one: MeasuredRecord, other: MeasuredRecord): MeasuredRecord {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  const both = (name: string) => forgetting(added(one[name], other[name]));
  return Object.fromEntries([...names].map((name) => [name, both(name)]));
}

/** All of a kind: what is known of parts of a class that was never made. */
export function ofKind(record: MeasuredRecord, kind: (typeof KINDS)[number]): Sums | undefined {
  const its = Object.entries(record).flatMap(([name, sums]) => (name.split(" ")[0] === kind ? [sums] : []));
  return its.length > 0 ? its.reduce((all, sums) => added(all, sums)) : undefined;
}

const NONE: Sums = { parts: 0, coreSeconds: 0, amount: 0, bytes: 0 };

const added = (one: Sums = NONE, other: Sums = NONE): Sums => ({
  parts: one.parts + other.parts,
  coreSeconds: one.coreSeconds + other.coreSeconds,
  amount: one.amount + other.amount,
  bytes: one.bytes + other.bytes,
});

function forgetting(sums: Sums): Sums {
  if (sums.parts <= REMEMBERED) return sums;
  const share = REMEMBERED / sums.parts;
  return {
    parts: REMEMBERED,
    coreSeconds: sums.coreSeconds * share,
    amount: sums.amount * share,
    bytes: sums.bytes * share,
  };
}

/** What was stored. Throws PolyreelError `internal` for what is no record. */
export function parseRecord(bytes: Uint8Array): MeasuredRecord {
  const stored: unknown = JSON.parse(Buffer.from(bytes).toString());
  if (typeof stored !== "object" || stored === null) throw damaged();
  return Object.fromEntries(Object.entries(stored).map(([name, sums]) => [name, sumsOf(sums)]));
}

function sumsOf(stored: unknown): Sums {
  const numbers = ["parts", "coreSeconds", "amount", "bytes"].map(
    (name) => (stored as Record<string, unknown>)?.[name],
  );
  if (!numbers.every((number) => typeof number === "number" && Number.isFinite(number) && number >= 0)) throw damaged();
  const [parts = 0, coreSeconds = 0, amount = 0, bytes = 0] = numbers as number[];
  return { parts, coreSeconds, amount, bytes };
}

const damaged = (): PolyreelError => new PolyreelError("internal", "The record of what parts took is damaged.");
