import { count, readEnvironment } from "@polyreel/platform/runtime";
import { EnvError, makeValidator, str } from "envalid";

export interface JobsConfig {
  readonly enabled: boolean;
  /** Folder of the files that keys of inputs name; empty: none. */
  readonly input: string;
  /** Folder of outputs: below the uploader's own, or in a destination, such as "ads:/jobs". */
  readonly output: string;
  /** Batches of one tenant's jobs at work. */
  readonly live: number;
  /** Size of the stream of jobs that wait. */
  readonly maxBytes: number;
}

export const jobsDefaults: JobsConfig = { enabled: false, input: "", output: ".", live: 50, maxBytes: 256 * 1024 ** 2 };

/** A folder below the uploader's own, or in one of its destinations. */
const placedFolder = makeValidator<string>((text) => {
  if (/^([a-z][a-z0-9-]*:(\/|$))?(\.|[\w-][\w.-]*(\/[\w-][\w.-]*)*)?$/.test(text) && text !== "") return text;
  throw new EnvError(`"${text}" is no folder; write it as in spring, or ads:/spring for a destination`);
});

export function readJobsConfig(env: NodeJS.ProcessEnv): JobsConfig {
  const values = readEnvironment(
    {
      POLYREEL_JOBS: str({
        choices: ["on", "off"],
        default: jobsDefaults.enabled ? "on" : "off",
        desc: "on: takes jobs that clients publish on NATS",
      }),
      POLYREEL_JOBS_INPUT: str({ default: jobsDefaults.input, desc: "folder of the files that jobs name by keys" }),
      POLYREEL_JOBS_OUTPUT: placedFolder({
        default: jobsDefaults.output,
        desc: "folder or destination of jobs' outputs",
      }),
      POLYREEL_JOBS_LIVE: count({ default: jobsDefaults.live, desc: "batches of one tenant's jobs at work" }),
      POLYREEL_JOBS_MAX_BYTES: count({ default: jobsDefaults.maxBytes, desc: "size of the jobs that wait" }),
    },
    env,
  );
  return {
    enabled: values.POLYREEL_JOBS === "on",
    input: values.POLYREEL_JOBS_INPUT,
    output: values.POLYREEL_JOBS_OUTPUT,
    live: values.POLYREEL_JOBS_LIVE,
    maxBytes: values.POLYREEL_JOBS_MAX_BYTES,
  };
}
