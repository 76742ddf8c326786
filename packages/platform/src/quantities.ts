/** Durations and sizes as written in flags and variables. */

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
/** A thousand years, so that a date that long ago is still valid. */
const MAX_SPAN_MS = 365_000 * 86_400_000;

/** Parses a duration to milliseconds: "30d", "2w", "12h", "90m", "45s". Undefined if invalid. */
export function parseSpan(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text.trim()) ?? [];
  const ms = Math.round(Number(amount) * (UNIT_MS[unit] ?? Number.NaN));
  return ms <= MAX_SPAN_MS ? ms : undefined;
}

/** Formats a duration: whole seconds below two minutes, minutes above. */
export const formatSpan = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;

/** Decimal unless marked as binary, like disk sizes. */
const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Parses a size: "50GB", "1.5 TB", "10GiB", or a number of bytes. Undefined if invalid. */
export function parseBytes(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(amount) * (UNITS[unit] ?? Number.NaN));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
