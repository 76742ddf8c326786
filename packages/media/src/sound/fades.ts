/** A change of gain between silence and full, in either direction. Positions in samples of the timeline. */
export interface Fade {
  readonly silentAt: number;
  /** After `silentAt`: it fades in; before: out. */
  readonly fullAt: number;
  /**
   * - `equal-power`, a quarter of a sine: two sounds that have nothing to do with each other, one fading out while the other
   *   fades in, keep their common power; straight lines would leave a hole of 3 dB in the middle.
   * - `linear`: what fades to silence or out of it goes evenly; a sine would stay up and then fall off at the end.
   */
  readonly curve: "equal-power" | "linear";
}

/** Multiplies gains by a fade: those of every `step` samples of the timeline from sample `start` on, taken in their middle. */
export function fade(gains: Float32Array, start: number, step: number, { silentAt, fullAt, curve }: Fade): void {
  const from = Math.max(0, Math.floor((Math.min(silentAt, fullAt) - start) / step));
  const to = Math.min(gains.length, Math.ceil((Math.max(silentAt, fullAt) - start) / step));
  for (let i = from; i < to; i++) {
    const part = (start + (i + 0.5) * step - silentAt) / (fullAt - silentAt);
    (gains[i] as number) *= gainAt(Math.max(0, Math.min(1, part)), curve);
  }
}

const gainAt = (part: number, curve: Fade["curve"]): number =>
  curve === "linear" ? part : Math.sin((Math.PI / 2) * part);
