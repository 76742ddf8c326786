/** Argument of the delivering process. */
export interface DeliveryRun {
  /** Folder of the store. */
  readonly store: string;
  /** Path of the credentials file. */
  readonly credentials: string;
  /** Address of the server. */
  readonly endpoint: string;
  /** Files of the batch. */
  readonly count: number;
  /** From 1: each batch has new bytes for half of the files. */
  readonly batch: number;
}

/** A file of a batch. */
export interface DeliveredFile {
  /** Below the batch's folder. */
  readonly name: string;
  readonly bytes: Buffer;
  /** Number of times that its bytes have changed up to this batch, from 1. */
  readonly version: number;
}

/** Three chunks, and less than one. */
const SIZES = [3_000, 70_000, 3_000, 600_000] as const;

/** The files of a batch, determined by its number. */
export const filesOf = ({ batch, count }: Pick<DeliveryRun, "batch" | "count">): DeliveredFile[] =>
  Array.from({ length: count }, (_, i) => {
    const version = i % 2 === 0 ? 1 : batch;
    const bytes = Buffer.alloc((SIZES[i % SIZES.length] ?? 0) + i, `${i} ${version} `);
    return { name: i % 3 === 0 ? `de/${i}.mp4` : `${i}.mp4`, bytes, version };
  });
