/** The two fields of a google.protobuf.Duration. */
export interface DurationParts {
  seconds: bigint;
  nanos: number;
}

const UNIT_NANOS: Readonly<Record<string, number>> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6 };
/** Ten thousand years, the limit of a protobuf duration. */
const MAX_SECONDS = 315_576_000_000;

/** Parses a duration: "3s", "500ms", "1m30s", "-0.5s", or a number of seconds. Undefined if it is invalid. */
export function parseDuration(value: string | number): DurationParts | undefined {
  return typeof value === "number" ? fromNanos(value * 1e9) : parseText(value.trim());
}

function parseText(text: string): DurationParts | undefined {
  const sign = text.startsWith("-") ? -1 : 1;
  const body = sign < 0 ? text.slice(1) : text;
  if (/^\d+(\.\d+)?$/.test(body)) return fromNanos(sign * Number(body) * 1e9);
  // Each unit at most once, the largest first.
  const match = /^(?=\d)(?:(?<h>\d+)h)?(?:(?<m>\d+)m(?!s))?(?:(?<s>\d+(?:\.\d+)?)s)?(?:(?<ms>\d+(?:\.\d+)?)ms)?$/.exec(
    body,
  );
  if (!match?.groups) return undefined;
  const nanos = Object.entries(match.groups).reduce(
    (sum, [unit, amount]) => sum + Number(amount ?? 0) * (UNIT_NANOS[unit] ?? 0),
    0,
  );
  return fromNanos(sign * nanos);
}

function fromNanos(exact: number): DurationParts | undefined {
  if (!(Math.abs(exact) <= MAX_SECONDS * 1e9)) return undefined;
  const nanos = Math.round(exact);
  const seconds = Math.trunc(nanos / 1e9);
  return { seconds: BigInt(seconds), nanos: nanos - seconds * 1e9 || 0 };
}
