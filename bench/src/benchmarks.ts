import type { Benchmark } from "./benchmark.js";
import { clip } from "./clip/bench-clip.js";
import { clipsAtOnce } from "./clip/bench-clips-at-once.js";
import { images } from "./images/bench-images.js";
import { joining } from "./join/bench-join.js";
import { million } from "./million/bench-million.js";
import { batchOf27 } from "./pipeline/bench-batch.js";
import { growthCurve } from "./pipeline/bench-growth.js";
import { batchOf1000, batchOf10000 } from "./pipeline/bench-large.js";
import { moreOutputs } from "./pipeline/bench-outputs.js";
import { readyParts } from "./pipeline/bench-pipeline.js";
import { storeOnS3 } from "./pipeline/bench-store.js";
import { otherBatchesOf27 } from "./pipeline/bench-variants.js";
import { estimates } from "./plan/bench-estimate.js";
import { planning } from "./plan/bench-plan.js";
import { predictions } from "./plan/bench-prediction.js";
import { recordings } from "./real/bench-real.js";
import { soundtracks } from "./sound/bench-sound.js";

import { telemetry } from "./telemetry/bench-telemetry.js";
import { thumbnails } from "./thumbnails/bench-thumbnails.js";

import { transcodedBatch } from "./transcode/bench-tracks.js";

import { transcodes } from "./transcode/bench-transcode.js";

/** All benchmarks, in the order in which they run and are shown. `npm run bench -- --only <name>` runs one. */
export const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  joining,
  soundtracks,
  clip,
  clipsAtOnce,
  images,
  thumbnails,
  transcodes,
  transcodedBatch,
  batchOf27,
  otherBatchesOf27,
  storeOnS3,
  recordings,
  batchOf1000,
  batchOf10000,
  growthCurve,
  readyParts,
  moreOutputs,
  telemetry,
  million,
  planning,
  estimates,
  predictions,
};
