import { describe, expect, it } from "vitest";
import { Limiter } from "./limiter.js";
import { sine, valuesOf } from "./testing/sounds.js";

function limit(values: Float32Array, limit: number, pieceValues = 9600): { out: Float32Array; factors: number[] } {
  const limiter = new Limiter(limit);
  const out: number[] = [];
  for (let at = 0; at < values.length; at += pieceValues)
    out.push(...limiter.push(values.subarray(at, at + pieceValues)));
  out.push(...limiter.finish());
  return { out: Float32Array.from(out), factors: limiter.powerFactors() };
}

const peak = (values: Float32Array) => values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);

/** Quiet, with a loud burst from 0.2 s to 0.3 s. */
const burst = valuesOf((sample) => (sample >= 9600 && sample < 14400 ? 2 : 0.2) * sine(440, 1)(sample, 0), 48000);

describe("the limiter", () => {
  it("passes sound below the limit unchanged, without a delay", () => {
    const values = valuesOf(sine(440, 0.79), 20001);
    const { out, factors } = limit(values, 0.794);
    expect(out).toEqual(values);
    expect(factors).toEqual([1, 1, 1, 1, 1]);
  });

  it("passes nothing above the limit", () => {
    expect(peak(limit(burst, 0.5).out)).toBeLessThanOrEqual(0.5 + 1e-6);
    const random = valuesOf((sample, channel) => 3 * Math.sin(sample * sample * 0.37 + channel), 30000);
    expect(peak(limit(random, 0.5).out)).toBeLessThanOrEqual(0.5 + 1e-6);
    expect(peak(limit(valuesOf(sine(440, 1), 1000), 0.5).out)).toBeCloseTo(0.5, 3);
  });

  it("attenuates in time, without a jump, and recovers", () => {
    const { out } = limit(burst, 0.5);
    const gain = (sample: number) => (out[sample * 2] as number) / (burst[sample * 2] as number);
    expect(gain(9600 - 241)).toBe(1);
    expect(gain(9600 - 120)).toBeGreaterThan(0.5);
    expect(gain(9600 - 120)).toBeLessThan(0.75);
    expect(gain(12000)).toBeCloseTo(0.25, 2);
    expect(gain(47_995)).toBeGreaterThan(0.95);
  });

  it("does not depend on the size of pieces", () => {
    expect(limit(burst, 0.5, 2 * 333).out).toEqual(limit(burst, 0.5).out);
    expect(limit(burst, 0.5, 2 * 20000).out).toEqual(limit(burst, 0.5).out);
    expect(limit(valuesOf(sine(440, 1), 100), 0.5).out).toHaveLength(200);
  });

  it("reports by how much it changed the power", () => {
    const { factors } = limit(burst, 0.5);
    expect(factors[0]).toBe(1);
    expect(factors[2]).toBeCloseTo(1 / 16, 2);
  });
});
