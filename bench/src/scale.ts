/** Sizes of everything. Quick runs exercise every measurement; their figures mean nothing. */
export interface Scale {
  readonly quick: boolean;
  /** `joining`: a combination that is joined, and the same re-encoded; `before` joins come first, unmeasured. */
  readonly join: {
    readonly size: Size;
    readonly clipSeconds: number;
    readonly before: number;
    readonly rounds: number;
  };
  /** `soundtracks`: mixed concurrently. */
  readonly sound: { readonly seconds: number; readonly soundtracks: number; readonly rounds: number };
  /** `atOnceRounds`: of many concurrent clips. */
  readonly clip: {
    readonly size: Size;
    readonly seconds: number;
    readonly rounds: number;
    readonly atOnceRounds: number;
  };
  /** `images`: photos that are made smaller. */
  readonly images: { readonly count: number; readonly rounds: number; readonly pixels: Size };
  /** `thumbnails`: spread over footage. `bestCount`: those that are the best of all of it. */
  readonly thumbnails: {
    readonly count: number;
    readonly bestCount: number;
    readonly size: Size;
    readonly seconds: number;
    readonly rounds: number;
  };
  /** `transcodes`: footage that is made smaller. */
  readonly transcode: { readonly size: Size; readonly seconds: number; readonly rounds: number };
  /** Three blocks of three. `sample`: how many of the 27 are re-encoded, before and again after. */
  readonly batch: GridScale & { readonly blocks: number; readonly sample: number };
  /** `storeOnS3`: the batch of 27 of ready parts, so often with each store. */
  readonly store: { readonly rounds: number };
  /** Of batches that are compared with it. */
  readonly variants: Scale["batch"];
  /** Maximum length of each recording. */
  readonly real: Omit<GridScale, "choices"> & { readonly blocks: number };
  /** Blocks of ten. `sample`: as above. */
  readonly large: GridScale & { readonly sample: number };
  /** Blocks of ten. */
  readonly growth: Omit<GridScale, "choices">;
  /** Combinations of ready parts: `choices` to the power of `blocks`. */
  readonly pipeline: { readonly blocks: number; readonly choices: number };
  /** The same, of batches with more outputs and destinations, with the number of runs of each. */
  readonly outputs: { readonly blocks: number; readonly choices: number; readonly rounds: number };
  /** `telemetry`: the same, with telemetry and without, in this many pairs of batches. */
  readonly telemetry: { readonly blocks: number; readonly choices: number; readonly pairs: number };
  /** Like `pipeline`, without ready parts. */
  readonly million: { readonly blocks: number; readonly choices: number };
  /**
   * `soundtracks`: combinations with distinct ones. `estimated`: limit for combinations planned for an estimate;
   * undefined: the service's.
   */
  readonly plan: {
    readonly combinations: number;
    readonly soundtracks: number;
    readonly estimated: number | undefined;
  };
}

/** Blocks with this number of choices each, and the length of their clips. */
interface GridScale {
  readonly size: Size;
  readonly choices: number;
  readonly clipSeconds: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const FRAME_RATE = 30;

export const FULL: Scale = {
  quick: false,
  join: { size: { width: 720, height: 1280 }, clipSeconds: 4.5, before: 700, rounds: 300 },
  sound: { seconds: 15, soundtracks: 32, rounds: 3 },
  clip: { size: { width: 1080, height: 1920 }, seconds: 5, rounds: 5, atOnceRounds: 2 },
  images: { count: 1_000, rounds: 1, pixels: { width: 4000, height: 3000 } },
  thumbnails: { count: 1_000, bestCount: 20, size: { width: 640, height: 360 }, seconds: 60, rounds: 1 },
  transcode: { size: { width: 1920, height: 1080 }, seconds: 20, rounds: 3 },
  batch: { size: { width: 1080, height: 1920 }, blocks: 3, choices: 3, clipSeconds: 5, sample: 2 },
  store: { rounds: 5 },
  variants: { size: { width: 1080, height: 1920 }, blocks: 3, choices: 3, clipSeconds: 5, sample: 3 },
  real: { size: { width: 720, height: 1280 }, blocks: 3, clipSeconds: 5 },
  large: { size: { width: 1080, height: 1920 }, choices: 10, clipSeconds: 5, sample: 2 },
  growth: { size: { width: 360, height: 640 }, clipSeconds: 2 },
  pipeline: { blocks: 5, choices: 10 },
  outputs: { blocks: 4, choices: 8, rounds: 3 },
  telemetry: { blocks: 3, choices: 10, pairs: 11 },
  million: { blocks: 6, choices: 10 },
  plan: { combinations: 1_000_000, soundtracks: 250_000, estimated: undefined },
};

export const QUICK: Scale = {
  quick: true,
  join: { size: { width: 180, height: 320 }, clipSeconds: 1, before: 0, rounds: 5 },
  sound: { seconds: 2, soundtracks: 2, rounds: 1 },
  clip: { size: { width: 180, height: 320 }, seconds: 1, rounds: 1, atOnceRounds: 1 },
  images: { count: 8, rounds: 1, pixels: { width: 400, height: 300 } },
  thumbnails: { count: 4, bestCount: 1, size: { width: 320, height: 180 }, seconds: 3, rounds: 1 },
  transcode: { size: { width: 320, height: 180 }, seconds: 1, rounds: 1 },
  batch: { size: { width: 90, height: 160 }, blocks: 3, choices: 3, clipSeconds: 0.5, sample: 1 },
  store: { rounds: 2 },
  variants: { size: { width: 90, height: 160 }, blocks: 2, choices: 2, clipSeconds: 0.5, sample: 1 },
  real: { size: { width: 90, height: 160 }, blocks: 2, clipSeconds: 0.5 },
  large: { size: { width: 90, height: 160 }, choices: 2, clipSeconds: 0.5, sample: 1 },
  growth: { size: { width: 90, height: 160 }, clipSeconds: 0.5 },
  pipeline: { blocks: 3, choices: 6 },
  outputs: { blocks: 2, choices: 3, rounds: 1 },
  telemetry: { blocks: 2, choices: 3, pairs: 1 },
  million: { blocks: 3, choices: 4 },
  plan: { combinations: 2_000, soundtracks: 500, estimated: 500 },
};
