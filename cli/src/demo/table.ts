import type { BatchStatus } from "@polyreel/contract";
import { saving } from "../report/saving.js";
import { formatCount, formatRatio, formatSeconds } from "../terminal/numbers.js";

/** The table printed at the end of the demo. `seconds` is the time of rendering, without generating sample media. */
export function demoTable(status: BatchStatus, seconds: number): string[] {
  const { clipSeconds, combinationSeconds } = status;
  const made = [status.clips, status.soundtracks, status.voices].map((parts) => parts?.distinct ?? 0n);
  const [clips = 0n, soundtracks = 0n, voices = 0n] = made;
  const rows: [string, string][] = [
    ["combinations", `${formatCount(status.combinations?.delivered ?? 0n)} videos, all different`],
    [
      "distinct encodes",
      `${formatCount(clips)} clips, ${formatCount(soundtracks)} soundtracks, ${formatCount(voices)} voice lines`,
    ],
    ["time", formatSeconds(seconds)],
    ["encoded", `${formatSeconds(clipSeconds)} of picture, once each`],
    [
      "one by one",
      `${formatSeconds(combinationSeconds)} of picture would be encoded: ${formatRatio(saving(status) ?? 1)} times as much`,
    ],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}
