/** A change of gain between silence and full, in either direction. Positions in samples of the timeline. */
export interface Fade {
  readonly silentAt: number;
  /** Fades in if after `silentAt`, out if before. */
  readonly fullAt: number;
  /**
   * - `equal-power`, a quarter of a sine: for crossfades of uncorrelated sounds, which keep their common power; linear
   * ramps would dip by 3 dB in the middle.
   * - `linear`: for fades to and from silence; a sine would stay loud and then drop at the end.
   */
  readonly curve: "equal-power" | "linear";
}

/**
 * Multiplies gains by a fade: one gain per `step` samples of the timeline from sample `start` on, evaluated in their
 * middle.
 */
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
