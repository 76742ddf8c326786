import { availableParallelism } from "node:os";
import { amount, type CommonConfig, count, readCommonConfig, readEnvironment } from "@polyreel/platform/runtime";
import { str } from "envalid";
import { type Admission, admissionOf } from "./fetch/admission.js";
import { DEFAULT_LIMITS, type FetchLimits } from "./fetch/limits.js";

/** How sources are found out about. */
export interface FindingConfig {
  /** Sources probed at the same time. */
  readonly probesAtOnce: number;
  /** Sources of a batch that are fetched at the same time. Those that hang hold up no more than their place. */
  readonly fetchesAtOnce: number;
  readonly fetchLimits: FetchLimits;
  readonly admission: Admission;
}

export interface PlannerConfig extends CommonConfig, FindingConfig {}

const variables = {
  POLYREEL_PROBES: count({ default: availableParallelism(), desc: "sources probed at the same time" }),
  POLYREEL_FETCHES: count({ default: 8, desc: "sources of a batch fetched at the same time" }),
  POLYREEL_FETCH_ALLOW: str({ default: "", desc: "inner networks and hosts that sources may be fetched from" }),
  POLYREEL_FETCH_MAX_BYTES: count({ default: DEFAULT_LIMITS.maxBytes, desc: "size of a fetched source in bytes" }),
  POLYREEL_FETCH_STALL_SECONDS: amount({
    default: DEFAULT_LIMITS.stallMs / 1000,
    desc: "seconds without an answer or a byte after which a source's server is left",
  }),
  POLYREEL_FETCH_DEADLINE_SECONDS: amount({
    default: DEFAULT_LIMITS.deadlineMs / 1000,
    desc: "seconds that fetching a source may take, all tries together",
  }),
};

export function readConfig(env: NodeJS.ProcessEnv = process.env): PlannerConfig {
  const values = readEnvironment(variables, env);
  return {
    ...readCommonConfig(env),
    probesAtOnce: values.POLYREEL_PROBES,
    fetchesAtOnce: values.POLYREEL_FETCHES,
    fetchLimits: {
      ...DEFAULT_LIMITS,
      maxBytes: values.POLYREEL_FETCH_MAX_BYTES,
      stallMs: values.POLYREEL_FETCH_STALL_SECONDS * 1000,
      deadlineMs: values.POLYREEL_FETCH_DEADLINE_SECONDS * 1000,
    },
    admission: admissionOf(values.POLYREEL_FETCH_ALLOW),
  };
}
