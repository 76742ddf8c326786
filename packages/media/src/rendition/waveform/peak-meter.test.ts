import { describe, expect, it } from "vitest";
import { columnsOf } from "./columns.js";
import { PeakMeter, type PeakSettings } from "./peak-meter.js";
import { waveformJson } from "./waveform-json.js";

const stereo = (left: number[], right = left) => Float32Array.from(left.flatMap((value, i) => [value, right[i] ?? 0]));

function peaksOf(values: Float32Array, settings: Partial<PeakSettings>, at = values.length) {
  const meter = new PeakMeter({ channels: 1, samplesPerPixel: 2, maxPixels: 1 << 10, gain: 1, ...settings });
  for (let from = 0; from < values.length; from += at) meter.push(values.subarray(from, from + at));
  return meter.finish();
}

describe("measures peaks", () => {
  it("of stretches, the last one shorter, wherever chunks end", () => {
    const values = stereo([0.5, -0.25, 0.75, 0.5, -0.5]);
    for (const at of [2, 4, 10]) {
      const { length, samples, values: found } = peaksOf(values, {}, at);
      expect({ length, samples }).toEqual({ length: 3, samples: 5 });
      expect([...found]).toEqual([-0.25, 0.5, 0.5, 0.75, -0.5, -0.5]);
    }
  });

  it("of each channel, or of their mean", () => {
    const values = stereo([0.5, 0.25], [-0.5, 0.75]);
    expect([...peaksOf(values, { channels: 2 }).values]).toEqual([0.25, 0.5, -0.5, 0.75]);
    expect([...peaksOf(values, {}).values]).toEqual([0, 0.5]);
  });

  it("with a gain", () => {
    expect([...peaksOf(stereo([0.25, -0.5]), { gain: 2 }).values]).toEqual([-1, 0.5]);
  });

  it("of nothing", () => {
    expect(peaksOf(stereo([]), {})).toMatchObject({ length: 0, samples: 0 });
  });

  it.each([1, 2, 3, 7, 8, 9, 15, 16, 17, 100, 1000])("of %i samples in at most 8 pixels", (count) => {
    const left = Array.from({ length: count }, (_, i) => Math.fround(Math.sin(i * 1.7)));
    for (const maxPixels of [7, 8]) {
      const { samplesPerPixel, length, values } = peaksOf(stereo(left), { samplesPerPixel: 1, maxPixels }, 6);
      expect(Math.log2(samplesPerPixel) % 1).toBe(0);
      expect(length).toBe(Math.ceil(count / samplesPerPixel));
      expect(length).toBeLessThanOrEqual(maxPixels);
      for (let pixel = 0; pixel < length; pixel++) {
        const own = left.slice(pixel * samplesPerPixel, (pixel + 1) * samplesPerPixel);
        expect([values[pixel * 2], values[pixel * 2 + 1]]).toEqual([Math.min(...own), Math.max(...own)]);
      }
    }
  });
});

describe("spreads peaks over columns", () => {
  it("fewer than pixels: each has all peaks of its share", () => {
    const peaks = peaksOf(stereo([0.1, 0.9, -0.3, 0.4, 0.2]), { samplesPerPixel: 1 });
    expect(columnsOf(peaks, 2)).toEqual([[-0.3, 0.9, -0.3, 0.4]]);
  });

  it("more than pixels: they are repeated", () => {
    const peaks = peaksOf(stereo([0.1, -0.2], [0.3, 0.4]), { samplesPerPixel: 1, channels: 2 });
    expect(columnsOf(peaks, 4)).toEqual([
      [0.1, 0.1, 0.1, 0.1, -0.2, -0.2, -0.2, -0.2],
      [0.3, 0.3, 0.3, 0.3, 0.4, 0.4, 0.4, 0.4],
    ]);
  });
});

it.each([
  [8, [-128, 127, -64, 64, 0, 1]],
  [16, [-32768, 32767, -16384, 16384, 0, 164]],
])("writes JSON of %i bits, within full scale", (bits, data) => {
  const values = stereo([-1.5, 1.5, -0.5, 0.5, 0, 0.005]);
  const json = [...waveformJson(peaksOf(values, {}), bits)].join("");
  expect(JSON.parse(json)).toEqual({
    ...{ version: 2, channels: 1, sample_rate: 48000, samples_per_pixel: 2, bits, length: 3, data },
  });
});
