import { readFile } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import type { Peaks } from "./peak-meter.js";

/**
 * Reads a finished JSON again, and compares it with what was measured. Throws PolyreelError `internal` with the
 * difference.
 */
export async function certifyJson(
  path: string,
  { channels, samplesPerPixel, length }: Peaks,
  bits: number,
): Promise<void> {
  const found: Readonly<Record<string, unknown>> = JSON.parse(await readFile(path, "utf8"));
  const expected = { version: 2, channels, sample_rate: 48_000, samples_per_pixel: samplesPerPixel, bits, length };
  const faults = Object.entries(expected)
    .filter(([name, value]) => found[name] !== value)
    .map(([name, value]) => `${name} ${found[name]} instead of ${value}`);
  const data: readonly unknown[] = Array.isArray(found.data) ? found.data : [];
  if (data.length !== length * channels * 2) faults.push(`${data.length} values instead of ${length * channels * 2}`);
  if (!data.every(isWithin(2 ** (bits - 1)))) faults.push(`values that are none of ${bits} bits`);
  if (data.some((value, i) => i % 2 === 1 && Number(value) < Number(data[i - 1])))
    faults.push("a maximum below its minimum");
  if (faults.length === 0) return;
  throw new PolyreelError("internal", {
    reason: `The waveform that was made has ${faults.join(", ")}.`,
    remedy: "It was not delivered. Try other settings, and report it.",
  });
}

const isWithin =
  (limit: number) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && Number(value) >= -limit && Number(value) < limit;
