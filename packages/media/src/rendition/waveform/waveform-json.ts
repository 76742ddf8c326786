import { SAMPLE_RATE } from "../../sound/pcm.js";
import type { Peaks } from "./peak-meter.js";

/** Of audiowaveform's data format: https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md */
const VERSION = 2;
/** Values that are turned into text at a time. */
const AT_ONCE = 8192;

/** Peaks as JSON in version 2 of audiowaveform's data format, piece by piece. `bits` of the values: 8 or 16. Pure. */
export function* waveformJson({ channels, samplesPerPixel, length, values }: Peaks, bits: number): Generator<string> {
  const header = {
    version: VERSION,
    channels,
    sample_rate: SAMPLE_RATE,
    samples_per_pixel: samplesPerPixel,
    bits,
    length,
  };
  yield `${JSON.stringify(header).slice(0, -1)},"data":[`;
  const scale = 2 ** (bits - 1);
  for (let at = 0; at < values.length; at += AT_ONCE) {
    const some = Array.from(values.subarray(at, at + AT_ONCE), (value) =>
      Math.max(-scale, Math.min(scale - 1, Math.round(value * scale))),
    );
    yield `${at > 0 ? "," : ""}${some.join(",")}`;
  }
  yield "]}\n";
}
