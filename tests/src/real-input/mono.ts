const CHANNELS = 2;

/** A stretch of interleaved sound, downmixed to mono; silence beyond its end. */
export function mono(sound: Float32Array, fromSample: number, samples: number): Float32Array {
  const from = Math.round(fromSample);
  const mixed = new Float32Array(Math.round(samples));
  for (let i = 0; i < mixed.length; i++) {
    const at = (from + i) * CHANNELS;
    mixed[i] = ((sound[at] ?? 0) + (sound[at + 1] ?? 0)) / 2;
  }
  return mixed;
}
