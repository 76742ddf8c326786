import { availableParallelism } from "node:os";
import { amount, type CommonConfig, count, readCommonConfig, readEnvironment } from "@polyreel/platform/runtime";
import { readSecretsConfig, type SecretsConfig } from "@polyreel/platform/secrets";
import { type Admission, admissionOf } from "@polyreel/platform/web";
import { str } from "envalid";
import { DEFAULT_LIMITS, type FetchLimits } from "./fetch/limits.js";

/** Configures fetching and probing of sources. */
export interface ResolvingConfig {
  /** Concurrent probes of sources. */
  readonly probesAtOnce: number;
  /** Concurrent fetches of sources per batch. A hanging fetch blocks only its own slot. */
  readonly fetchesAtOnce: number;
  readonly fetchLimits: FetchLimits;
  readonly admission: Admission;
  /** File of buckets that sources may be fetched from; empty: none. */
  readonly bucketsFile: string;
}

export interface PlannerConfig extends CommonConfig, ResolvingConfig {
  readonly secrets: SecretsConfig;
}

const variables = {
  POLYREEL_PROBES: count({ default: availableParallelism(), desc: "concurrent probes of sources" }),
  POLYREEL_FETCHES: count({ default: 8, desc: "concurrent fetches of sources per batch" }),
  POLYREEL_FETCH_ALLOW: str({ default: "", desc: "inner networks and hosts that sources may be fetched from" }),
  POLYREEL_SOURCE_BUCKETS: str({ default: "", desc: "file of buckets that sources may be fetched from" }),
  POLYREEL_FETCH_MAX_BYTES: count({
    default: DEFAULT_LIMITS.maxBytes,
    desc: "maximum size of a fetched source in bytes",
  }),
  POLYREEL_FETCH_STALL_SECONDS: amount({
    default: DEFAULT_LIMITS.stallMs / 1000,
    desc: "seconds without an answer or data after which an attempt to fetch a source is aborted",
  }),
  POLYREEL_FETCH_DEADLINE_SECONDS: amount({
    default: DEFAULT_LIMITS.deadlineMs / 1000,
    desc: "limit in seconds for fetching a source, including all attempts",
  }),
};

export function readConfig(env: NodeJS.ProcessEnv = process.env): PlannerConfig {
  const values = readEnvironment(variables, env);
  return {
    ...readCommonConfig(env),
    secrets: readSecretsConfig(env),
    probesAtOnce: values.POLYREEL_PROBES,
    fetchesAtOnce: values.POLYREEL_FETCHES,
    fetchLimits: {
      ...DEFAULT_LIMITS,
      maxBytes: values.POLYREEL_FETCH_MAX_BYTES,
      stallMs: values.POLYREEL_FETCH_STALL_SECONDS * 1000,
      deadlineMs: values.POLYREEL_FETCH_DEADLINE_SECONDS * 1000,
    },
    admission: admissionOf(values.POLYREEL_FETCH_ALLOW),
    bucketsFile: values.POLYREEL_SOURCE_BUCKETS,
  };
}
