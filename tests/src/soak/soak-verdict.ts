/** Measurements while idle. */
export interface Sample {
  /** Number of batches submitted so far. */
  readonly batches: number;
  readonly rssMb: number;
  readonly heapMb: number;
  readonly externalMb: number;
  readonly handles: number;
  /** Child processes: nats-server, speech engines, ffmpeg. */
  readonly processes: number;
  readonly consumers: number;
  /** In the stream, without those that only mark deleted batches. */
  readonly facts: number;
  /** In the read model, as counted by ListBatches. */
  readonly listed: number;
  readonly storeFiles: number;
  readonly temporaryFiles: number;
  readonly outputFiles: number;
  readonly databaseMb: number;
}

/** Allowed growth of the last third over the second one: a share, and a number. */
const TOLERANCE: Readonly<Record<Exclude<keyof Sample, "batches">, readonly [share: number, more: number]>> = {
  rssMb: [0.05, 15],
  heapMb: [0.05, 5],
  externalMb: [0.1, 8],
  handles: [0, 6],
  processes: [0, 1],
  consumers: [0, 2],
  facts: [0.1, 20],
  listed: [0, 2],
  storeFiles: [0.02, 8],
  temporaryFiles: [0, 4],
  outputFiles: [0.1, 8],
  databaseMb: [0.1, 20],
};

export interface Trend {
  readonly what: keyof typeof TOLERANCE;
  /** Medians of the second and of the last third. */
  readonly second: number;
  readonly last: number;
  readonly flat: boolean;
}

/** Compares the second third of the samples with the last one: the first is warm-up. Pure. */
export function trendsOf(samples: readonly Sample[]): Trend[] {
  const third = Math.floor(samples.length / 3);
  const [second, last] = [samples.slice(third, samples.length - third), samples.slice(samples.length - third)];
  return (Object.keys(TOLERANCE) as Trend["what"][]).map((what) => {
    const [share, more] = TOLERANCE[what];
    const [before, after] = [medianOf(second, what), medianOf(last, what)];
    return { what, second: before, last: after, flat: after <= before * (1 + share) + more };
  });
}

function medianOf(samples: readonly Sample[], what: Trend["what"]): number {
  const sorted = samples.map((sample) => sample[what]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** A table of the samples with column names. */
export function table(samples: readonly Sample[]): string[] {
  const columns = Object.keys(samples[0] ?? {}) as (keyof Sample)[];
  const line = (cells: readonly (string | number)[]) =>
    cells.map((cell, i) => String(cell).padStart(columns[i]?.length ?? 0)).join("  ");
  return [line(columns), ...samples.map((sample) => line(columns.map((column) => sample[column])))];
}
