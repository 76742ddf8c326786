import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { bass, kick, Loop, pad, piano, pluck, RATE, rattle } from "./instruments.js";

const DEADLINE_SECONDS = 60;
const MAX_BYTES = 20 * 1024 ** 2;

/** C, G, A minor, F, as MIDI notes: each a bass and the strings of a ukulele. */
const SUNNY: readonly [number, readonly number[]][] = [
  [36, [67, 60, 64, 72]],
  [43, [67, 62, 67, 71]],
  [45, [69, 60, 64, 69]],
  [41, [69, 60, 65, 69]],
];

/** F, E minor, D minor, C, with sevenths. */
const MELLOW: readonly [number, readonly number[]][] = [
  [41, [57, 60, 64, 67]],
  [40, [55, 59, 62, 67]],
  [38, [53, 57, 60, 65]],
  [36, [52, 55, 59, 64]],
];

/** Strokes of a bar of eight, from strong to none. */
const STRUM = [1, 0, 0.75, 0.5, 0, 0.6, 0.8, 0.5];

/** A ukulele with bass, kick, claps and a shaker. */
function sunny(): Loop {
  const eighth = 60 / 112 / 2;
  const song = new Loop(SUNNY.length * 8 * eighth);
  for (const [bar, [root, strings]] of SUNNY.entries()) {
    for (const [step, strength] of STRUM.entries()) {
      const start = (bar * 8 + step) * eighth;
      const stroke = step % 2 ? [...strings].reverse() : strings;
      if (strength > 0)
        for (const [i, note] of stroke.entries())
          song.add(start + 0.014 * i, pluck(note, 0.9), 0.28 * strength, (0.3 * (i - 1.5)) / 1.5);
      if (step === 0 || step === 3 || step === 6) song.add(start, bass(root + (step === 6 ? 7 : 0)), 0.26);
      if (step % 4 === 0) song.add(start, kick(), 0.4);
      if (step % 4 === 2) song.add(start, rattle(0.16), 0.11, 0.1);
      song.add(start, rattle(0.05), step % 2 ? 0.1 : 0.05, -0.35);
    }
  }
  return song.inRoom();
}

/** An electric piano over strings. */
function mellow(): Loop {
  const beat = 60 / 84;
  const song = new Loop(MELLOW.length * 4 * beat);
  for (const [bar, [root, chord]] of MELLOW.entries()) {
    const start = bar * 4 * beat;
    song.add(start, bass(root, 1.6), 0.22);
    for (const [i, note] of chord.entries()) {
      song.add(start + 0.02 * i, piano(note), 0.16, (0.4 * (i - 1.5)) / 1.5);
      song.add(start - 0.4 * beat + song.seconds, pad(note, 4.8 * beat), 0.035, i % 2 ? 0.6 : -0.6);
      song.add(start + (1.5 + 0.5 * i) * beat, piano(note + 12, 1.6), 0.1, 0.3);
    }
    for (let n = 0; n < 8; n++) song.add(start + n * 0.5 * beat, rattle(0.07), n % 2 ? 0.05 : 0.02, 0.3);
  }
  return song.inRoom();
}

export const songs = { sunny, mellow };

/** Writes a song to a file, whose extension selects the format. */
export async function writeSong(song: Loop, path: string, signal: AbortSignal): Promise<void> {
  const samples = new Float32Array(2 * song.left.length);
  for (let i = 0; i < song.left.length; i++) {
    samples[2 * i] = song.left[i] ?? 0;
    samples[2 * i + 1] = song.right[i] ?? 0;
  }
  await runFfmpeg({
    inputs: [{ stdin: true, options: ["-f", "f32le", "-ar", String(RATE), "-ac", "2"] }],
    stdin: [Buffer.from(samples.buffer)],
    outputs: [{ file: path, options: [] }],
    maxOutputBytes: MAX_BYTES,
    signal,
    deadlineSeconds: DEADLINE_SECONDS,
  });
}
