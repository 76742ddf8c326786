import { EnvError, makeValidator } from "envalid";
import type { RestConfig } from "./deps.js";
import { type OperationName, OUTPUT_OPERATIONS } from "./jobs/operations.js";
import { VIDEO_FORMATS } from "./media/media-format.js";

export const restDefaults = {
  maxUploadBytes: 5_000_000_000,
  formats: VIDEO_FORMATS,
  outputs: ["thumbnail"],
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

export const restOutputs = namesAmong<OperationName>(OUTPUT_OPERATIONS);
export const videoFormats = namesAmong<string>(VIDEO_FORMATS);
