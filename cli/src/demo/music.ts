/** Music that ffmpeg synthesizes. */
export interface Music {
  name: string;
  graph: string;
  seconds: number;
}

/** Frequency in Hz of a note, by its distance from A4 in semitones. */
const hertz = (semitones: number): string => (440 * 2 ** (semitones / 12)).toFixed(2);

interface Score {
  /** Each chord's notes, in semitones from A4. */
  chords: readonly (readonly number[])[];
  secondsPerChord: number;
  /** Notes plucked one after another during a chord. */
  notesPerChord: number;
}

/** Soft pads that swell and fade, with the chord's notes plucked one octave above. */
function compose({ chords, secondsPerChord, notesPerChord }: Score, side: number): string {
  const step = secondsPerChord / notesPerChord;
  return chords
    .map((chord, index) => {
      const start = index * secondsPerChord;
      // A slight detuning between left and right makes the pad wide.
      const pad = chord.map((note) => `sin(2*PI*t*${Number(hertz(note - 12)) * (1 + side * 0.001)})`).join("+");
      const swell = `pow(sin(PI*clip((t-${start})/${secondsPerChord},0,1)),0.7)`;
      const plucks = Array.from({ length: notesPerChord }, (_, pluck) => {
        const begin = start + pluck * step;
        const note = chord[[0, 1, 2, 3, 2, 1][pluck % 6] ?? 0] ?? chord[pluck % chord.length] ?? 0;
        const decay = `gte(t,${begin})*exp(-5*max(0,t-${begin}))*(1-exp(-300*max(0,t-${begin})))`;
        return `${decay}*sin(2*PI*t*${hertz(note)})`;
      });
      return `0.05*${swell}*(${pad})+0.09*(${plucks.join("+")})`;
    })
    .join("+");
}

function music(name: string, score: Score): Music {
  const seconds = score.chords.length * score.secondsPerChord;
  const [left, right] = [-1, 1].map((side) => compose(score, side).replaceAll(",", "\\,"));
  const room = "aecho=0.8:0.7:60|137|211:0.35|0.25|0.18,lowpass=f=3200";
  return { name, seconds, graph: `aevalsrc='${left}|${right}':s=48000:d=${seconds},${room}` };
}

export const musics: readonly Music[] = [
  // D, A, B minor, G: bright.
  music("morning.wav", {
    chords: [
      [-7, -3, 0, 5],
      [-12, -8, -5, 0],
      [-10, -7, -3, 2],
      [-14, -10, -7, -2],
    ],
    secondsPerChord: 2,
    notesPerChord: 8,
  }),
  // A minor, F, C, E minor: slow.
  music("evening.wav", {
    chords: [
      [-12, -9, -5, 0],
      [-16, -12, -9, -4],
      [-9, -5, -2, 3],
      [-17, -14, -10, -5],
    ],
    secondsPerChord: 2,
    notesPerChord: 4,
  }),
];
