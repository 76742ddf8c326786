import { bytes, count, readEnvironment } from "@polyreel/platform/runtime";
import { EnvError, makeValidator } from "envalid";
import { type OperationName, OUTPUT_OPERATIONS } from "./jobs/operations.js";
import { VIDEO_FORMATS } from "./media/media-format.js";

export interface RestConfig {
  /** Size of one uploaded file. */
  readonly maxUploadBytes: number;
  /** Accepted videos, by format. */
  readonly formats: readonly string[];
  /** Made of every uploaded video. */
  readonly outputs: readonly OperationName[];
  /** Jobs of a tenant that have not ended. */
  readonly maxLiveJobs: number;
}

export const restDefaults = {
  maxUploadBytes: 5_000_000_000,
  formats: VIDEO_FORMATS,
  outputs: [
    "thumbnail",
    ...(["transcode_480p", "transcode_720p", "transcode_1080p", "transcode_4k"] as const),
    ...(["transcode_webm_480p", "transcode_webm_720p", "transcode_webm_1080p", "transcode_webm_4k"] as const),
  ],
  maxLiveJobs: 10_000,
} as const satisfies RestConfig;

/** Names separated by commas, each one of those that exist. */
const namesAmong = <T extends string>(known: readonly T[]) =>
  makeValidator<readonly T[]>((text) => {
    const names = text.split(",").flatMap((name) => name.trim() || []);
    if (names.length === 0) throw new EnvError(`name at least one of ${known.join(", ")}`);
    return [...new Set(names)].map((name) => {
      const found = known.find((one) => one === name);
      if (found === undefined) throw new EnvError(`"${name}" is none of ${known.join(", ")}`);
      return found;
    });
  });

const restOutputs = namesAmong<OperationName>(OUTPUT_OPERATIONS);
const videoFormats = namesAmong<string>(VIDEO_FORMATS);

export function readRestConfig(env: NodeJS.ProcessEnv): RestConfig {
  const values = readEnvironment(
    {
      POLYREEL_REST_MAX_BYTES: bytes({
        default: restDefaults.maxUploadBytes,
        desc: "size of one file uploaded by REST",
      }),
      POLYREEL_REST_FORMATS: videoFormats({ default: restDefaults.formats, desc: "videos accepted by REST" }),
      POLYREEL_REST_OUTPUTS: restOutputs({
        default: restDefaults.outputs,
        desc: "made of each video uploaded by REST",
      }),
      POLYREEL_REST_MAX_LIVE_JOBS: count({
        default: restDefaults.maxLiveJobs,
        desc: "jobs of a tenant's REST clients that have not ended",
      }),
    },
    env,
  );
  return {
    maxUploadBytes: values.POLYREEL_REST_MAX_BYTES,
    formats: values.POLYREEL_REST_FORMATS,
    outputs: values.POLYREEL_REST_OUTPUTS,
    maxLiveJobs: values.POLYREEL_REST_MAX_LIVE_JOBS,
  };
}
