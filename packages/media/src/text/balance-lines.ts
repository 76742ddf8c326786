import { breakLines, type Line, type Measure, widestPiece } from "./break-lines.js";

/** Of the width that is allowed: closer than that nobody sees a difference. */
const PRECISION = 1 / 64;

/** Breaks a text into as few lines as `breakLines` does, of lengths as equal as they can be: none holds one last word. */
export function balanceLines(text: string, maxWidth: number, measure: Measure): Line[] {
  let best = breakLines(text, maxWidth, measure);
  if (best.length < 2) return best;
  const count = best.length;
  for (let [low, high] = [widestPiece(text, measure), maxWidth]; high - low > maxWidth * PRECISION; ) {
    const middle = (low + high) / 2;
    const tried = breakLines(text, middle, measure);
    if (tried.length > count) low = middle;
    else {
      best = tried;
      high = middle;
    }
  }
  return best;
}
