import { breakLines, type Line, type Measure, widestPiece } from "./break-lines.js";

/** Relative to the allowed width: smaller differences are invisible. */
const PRECISION = 1 / 64;

/** Breaks a text into as few lines as `breakLines` does, but of similar lengths, which avoids a single last word. */
export function balanceLines(text: string, maxWidth: number, measure: Measure): Line[] {
  let best = breakLines(text, maxWidth, measure);
  if (best.length < 2) return best;
  const count = best.length;
  for (let [low, high] = [widestPiece(text, measure), maxWidth]; high - low > maxWidth * PRECISION; ) {
    const middle = (low + high) / 2;
    const lines = breakLines(text, middle, measure);
    if (lines.length > count) low = middle;
    else {
      best = lines;
      high = middle;
    }
  }
  return best;
}
