/** Samples a second. */
export const RATE = 48_000;

/** Left and right samples of a song. It is a loop: what sounds beyond its end goes on at its beginning. */
export class Loop {
  readonly left: Float32Array;
  readonly right: Float32Array;

  constructor(readonly seconds: number) {
    this.left = new Float32Array(Math.round(seconds * RATE));
    this.right = new Float32Array(this.left.length);
  }

  /** Mixes a sound in at `start` seconds. `pan` is -1 for left, 1 for right. */
  add(start: number, sound: Float32Array, gain: number, pan = 0): void {
    const first = Math.round(start * RATE);
    const [left, right] = [gain * Math.sqrt((1 - pan) / 2), gain * Math.sqrt((1 + pan) / 2)];
    for (const [i, sample] of sound.entries()) {
      const at = (first + i) % this.left.length;
      this.left[at] = (this.left[at] ?? 0) + left * sample;
      this.right[at] = (this.right[at] ?? 0) + right * sample;
    }
  }

  /** The loop in a small room: each side is reflected to the other. */
  inRoom(): Loop {
    const room = new Loop(this.seconds);
    room.add(0, this.left, Math.SQRT2, -1);
    room.add(0, this.right, Math.SQRT2, 1);
    for (const [seconds, gain] of [
      [0.031, 0.3],
      [0.053, 0.25],
      [0.089, 0.18],
      [0.143, 0.12],
    ] as const) {
      room.add(seconds, this.right, gain, -0.8);
      room.add(seconds, this.left, gain, 0.8);
    }
    return room;
  }
}

/** Frequency in Hz of a note, by its number in MIDI: 69 is A4. */
const hertz = (note: number): number => 440 * 2 ** ((note - 69) / 12);

/** White noise from -1 to 1, the same each time. */
function* noise(): Generator<number, never> {
  for (let state = 1; ; ) {
    state = (state * 48_271) % 0x7fff_ffff;
    yield (2 * state) / 0x7fff_ffff - 1;
  }
}

const shape = (seconds: number, sample: (t: number) => number): Float32Array =>
  Float32Array.from({ length: Math.round(seconds * RATE) }, (_, i) => sample(i / RATE));

/** A plucked string (Karplus and Strong, 1983): noise in a delay line that loses its high frequencies. */
export function pluck(note: number, seconds = 1.6): Float32Array {
  const period = RATE / hertz(note);
  const source = noise();
  const line = Float32Array.from({ length: Math.round(period) }, () => source.next().value);
  // A soft finger: without the highest frequencies.
  for (let pass = 0; pass < 3; pass++)
    for (let i = 0; i < line.length; i++) line[i] = ((line[i] ?? 0) + (line[(i + 1) % line.length] ?? 0)) / 2;
  return shape(seconds, (t) => {
    const at = Math.round(t * RATE) % line.length;
    const now = line[at] ?? 0;
    line[at] = 0.4975 * (now + (line[(at + 1) % line.length] ?? 0));
    return now * Math.min(1, (seconds - t) * 20);
  });
}

/** An electric piano: a sine whose phase another one bends, less and less. */
export const piano = (note: number, seconds = 2.4): Float32Array =>
  shape(seconds, (t) => {
    const phase = 2 * Math.PI * hertz(note) * t;
    const swell = Math.min(1, t / 0.008) * Math.min(1, (seconds - t) * 8);
    return swell * Math.exp(-1.8 * t) * Math.sin(phase + 0.9 * Math.exp(-4 * t) * Math.sin(phase));
  });

/** A soft chord of strings: slightly detuned, fading in and out. */
export const pad = (note: number, seconds: number): Float32Array =>
  shape(seconds, (t) => {
    const swell = Math.sin((Math.PI * t) / seconds) ** 0.8;
    const tone = (detune: number) => {
      const phase = 2 * Math.PI * hertz(note) * detune * t;
      return Math.sin(phase) + 0.25 * Math.sin(2 * phase) + 0.1 * Math.sin(3 * phase);
    };
    return (swell * (tone(0.997) + tone(1.003))) / 2;
  });

export const bass = (note: number, seconds = 0.7): Float32Array =>
  shape(seconds, (t) => {
    const phase = 2 * Math.PI * hertz(note) * t;
    return (
      Math.min(1, t / 0.01) *
      Math.exp(-3 * t) *
      Math.min(1, (seconds - t) * 20) *
      (Math.sin(phase) + 0.3 * Math.sin(2 * phase))
    );
  });

export const kick = (): Float32Array =>
  shape(
    0.25,
    (t) =>
      Math.exp(-16 * t) * Math.min(1, t / 0.003) * Math.sin(2 * Math.PI * (48 * t + 1.6 * (1 - Math.exp(-28 * t)))),
  );

/** A burst of bright noise; short for a shaker, longer for a clap. */
export function rattle(seconds: number): Float32Array {
  const source = noise();
  let last = 0;
  return shape(seconds, (t) => {
    const now: number = source.next().value;
    const bright = (now - last) / 2;
    last = now;
    return bright * Math.min(1, t / 0.006) * Math.exp((-5 * t) / seconds);
  });
}
