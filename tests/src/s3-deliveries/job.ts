/** Deliveries of one process. */
export interface Job {
  readonly address: string;
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Determines the bytes. */
  readonly seed: number;
  readonly numbers: readonly number[];
  /** Whether the batch ends with it, so that it cleans up. */
  readonly isLast: boolean;
}
