/** A stretch of a result that is compared, in seconds of the result. */
export interface Stretch {
  readonly startSeconds: number;
  readonly seconds: number;
}

const STRETCHES = 5;
const SECONDS = 1;

/**
 * Which stretches of a result are compared: all of a short one, else each in the middle of an equal share. `fps`: of a
 * result with a constant rate, whose pictures lie at multiples of it, as stretches then begin; 0: of no constant rate. Pure.
 */
export function comparedStretches(seconds: number, fps: number): Stretch[] {
  if (seconds <= STRETCHES * SECONDS) return [{ startSeconds: 0, seconds }];
  const share = seconds / STRETCHES;
  return Array.from({ length: STRETCHES }, (_, i) => {
    const start = (i + 0.5) * share - SECONDS / 2;
    return { startSeconds: fps > 0 ? Math.round(start * fps) / fps : start, seconds: SECONDS };
  });
}
