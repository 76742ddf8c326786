import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import {
  cleanEnv,
  EnvError,
  EnvMissingError,
  makeValidator,
  num,
  type ReporterOptions,
  str,
  type ValidatorSpec,
} from "envalid";
import type { StoreConfig } from "../blobs/open-store.js";
import { isS3Address, parseS3Address } from "../blobs/s3/s3-address.js";
import { givenKeys, keysInFile } from "../blobs/s3/s3-keys.js";
import { PolyreelError } from "../errors.js";
import { parseBytes, parseSpan } from "../quantities.js";
import type { NatsAccess } from "../stream/access.js";
import { DEFAULT_ACK_WAIT_MS, DEFAULT_OUTAGE_WAIT_MS } from "../stream/stream.js";
import type { TelemetryConfig } from "../telemetry/exporter.js";
import type { OpsConfig } from "../telemetry/metrics/index.js";

/** For the parts and sources of a few large batches. */
const DEFAULT_CACHE_BYTES = 20e9;

type Specs = Record<string, ValidatorSpec<unknown>>;
type Values<S extends Specs> = { readonly [K in keyof S]: S[K] extends ValidatorSpec<infer T> ? T : never };

/**
 * Reads environment variables by their validators, typed and with defaults. Throws one PolyreelError that names every
 * invalid variable and its expected format.
 */
export function readEnvironment<S extends Specs>(specs: S, env: NodeJS.ProcessEnv): Values<S> {
  const report = ({ errors }: ReporterOptions<unknown>) => {
    const problems = Object.entries(errors).map(([name, error]) => {
      const meant = specs[name]?.desc ? ` (${specs[name].desc})` : "";
      if (error instanceof EnvMissingError) return `${name} is not set${meant}`;
      return `${name}${meant}: ${error instanceof EnvError ? error.message : "not valid"}`;
    });
    if (problems.length > 0) {
      throw new PolyreelError("invalid", {
        reason: `The environment is not right: ${problems.join("; ")}.`,
        remedy: "Set these variables and start again.",
      });
    }
  };
  return cleanEnv(env, specs, { reporter: report }) as Values<S>;
}

/** A count >= 1: with 0 slots nothing would ever be done. */
export const count = makeValidator<number>((text) => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new EnvError(`must be a whole number >= 1, got "${text}"`);
});

/** A port; 0 picks a free one; undefined if empty. */
const port = makeValidator<number | undefined>((text) => {
  if (text === "") return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65535) return value;
  throw new EnvError(`"${text}" is no port`);
});

/** A measured quantity above 0. */
export const amount = makeValidator<number>((text) => {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new EnvError(`"${text}" is no number above 0`);
});

/** One of several words. */
export const choice = <Word extends string>(words: readonly Word[]) =>
  makeValidator<Word>((text) => {
    const word = words.find((one) => one === text);
    if (word) return word;
    throw new EnvError(`must be one of ${words.join(", ")}, got "${text}"`);
  });

/** A duration in milliseconds; infinite if empty. */
export const span = makeValidator<number>((text) => {
  const ms = text === "" ? Number.POSITIVE_INFINITY : parseSpan(text);
  if (ms !== undefined) return ms;
  throw new EnvError(`"${text}" is no span of time; write it as in 30d, 12h or 90m`);
});

/** A size in bytes; infinite if empty. */
export const bytes = makeValidator<number>((text) => {
  const amount = text === "" ? Number.POSITIVE_INFINITY : parseBytes(text);
  if (amount !== undefined) return amount;
  throw new EnvError(`"${text}" is no amount of bytes; write it as in 50GB, 10GiB or 1000000`);
});

/** The variables of the store. */
const storeVariables = {
  POLYREEL_STORE: str({ desc: "folder of sources and parts, or s3://bucket/prefix, shared by all services" }),
  POLYREEL_CACHE: str({ default: "", desc: "folder of local copies, for a store on S3" }),
  POLYREEL_CACHE_BYTES: bytes({ default: DEFAULT_CACHE_BYTES, desc: "size of the folder of local copies, like 50GB" }),
  POLYREEL_S3_CREDENTIALS: str({ default: "", desc: "file with the keys of a store on S3" }),
  AWS_ACCESS_KEY_ID: str({ default: "", desc: "key id of a store on S3" }),
  AWS_SECRET_ACCESS_KEY: str({ default: "", desc: "secret key of a store on S3" }),
  AWS_SESSION_TOKEN: str({ default: "", desc: "token of temporary keys of a store on S3" }),
};

/** Converts the store's variables. Throws PolyreelError `invalid`, also for an address of S3 that is none. */
export const readStoreConfig = (env: NodeJS.ProcessEnv): StoreConfig =>
  storeConfig(readEnvironment(storeVariables, env), env);

function storeConfig(values: Values<typeof storeVariables>, env: NodeJS.ProcessEnv): StoreConfig {
  const address = values.POLYREEL_STORE;
  if (isS3Address(address)) parseS3Address(address);
  const sessionToken = values.AWS_SESSION_TOKEN;
  return {
    address,
    cache: { folder: values.POLYREEL_CACHE || defaultCache(env), maxBytes: values.POLYREEL_CACHE_BYTES },
    s3Keys: values.POLYREEL_S3_CREDENTIALS
      ? keysInFile(values.POLYREEL_S3_CREDENTIALS)
      : givenKeys({
          accessKeyId: values.AWS_ACCESS_KEY_ID,
          secretAccessKey: values.AWS_SECRET_ACCESS_KEY,
          ...(sessionToken && { sessionToken }),
        }),
  };
}

/** Beside the folder that the command keeps its store in. The XDG specification says to ignore relative paths. */
function defaultCache({ XDG_CACHE_HOME: xdg = "" }: NodeJS.ProcessEnv): string {
  return join(isAbsolute(xdg) ? xdg : join(homedir(), ".cache"), "polyreel-copies");
}

/** The variables of every service. */
const commonVariables = {
  ...storeVariables,
  NATS_URL: str({ default: "nats://127.0.0.1:4222", desc: "servers of the event stream, separated by commas" }),
  POLYREEL_NATS_NKEY_FILE: str({ default: "", desc: "file with the seed of an nkey for NATS" }),
  POLYREEL_NATS_CREDS: str({ default: "", desc: "file with a JWT and the seed of its nkey for NATS" }),
  POLYREEL_NATS_USER: str({ default: "", desc: "name of a user of NATS" }),
  POLYREEL_NATS_PASSWORD_FILE: str({ default: "", desc: "file with the password of POLYREEL_NATS_USER" }),
  POLYREEL_NATS_CA: str({ default: "", desc: "file of the authorities that sign certificates of the NATS servers" }),
  POLYREEL_NATS_CERT: str({ default: "", desc: "file of a client certificate for NATS" }),
  POLYREEL_NATS_KEY: str({ default: "", desc: "file of that certificate's key" }),
  POLYREEL_STREAM_MAX_BYTES: num({ default: 10 * 1024 ** 3, desc: "size of the event stream in bytes" }),
  POLYREEL_ACK_WAIT_SECONDS: amount({
    default: DEFAULT_ACK_WAIT_MS / 1000,
    desc: "seconds after which others take over what a process that died was at",
  }),
  POLYREEL_OUTAGE_WAIT: span({
    default: DEFAULT_OUTAGE_WAIT_MS,
    desc: "how long work waits for a disk or server that cannot be reached before it fails, like 10m",
  }),
  POLYREEL_STREAM_REPLICAS: count({ default: 1, desc: "servers of a cluster that each hold the event stream" }),
  POLYREEL_OPS_PORT: port({ default: undefined, desc: "port of metrics and probes; none by default" }),
  POLYREEL_OPS_HOST: str({ default: "127.0.0.1", desc: "address of the port of metrics and probes" }),
  LOG_STREAM: str({ choices: ["stdout", "stderr"], default: "stdout", desc: "where the log goes" }),
  LOG_LEVEL: str({
    choices: ["trace", "debug", "info", "warn", "error", "silent"],
    default: "info",
    desc: "log level",
  }),
};

export interface CommonConfig {
  readonly natsUrl: string;
  readonly natsAccess: NatsAccess;
  readonly store: StoreConfig;
  readonly streamMaxBytes: number;
  readonly ackWaitMs: number;
  readonly outageWaitMs: number;
  readonly streamReplicas: number;
  readonly logLevel: string;
  readonly logStream: "stdout" | "stderr";
  readonly telemetry: TelemetryConfig;
  readonly ops: OpsConfig;
}

function natsAccess(values: Values<typeof commonVariables>): NatsAccess {
  const given = {
    nkeyFile: values.POLYREEL_NATS_NKEY_FILE,
    credsFile: values.POLYREEL_NATS_CREDS,
    user: values.POLYREEL_NATS_USER,
    passwordFile: values.POLYREEL_NATS_PASSWORD_FILE,
    caFile: values.POLYREEL_NATS_CA,
    certFile: values.POLYREEL_NATS_CERT,
    keyFile: values.POLYREEL_NATS_KEY,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
}

/** Converts the common variables. */
export function readCommonConfig(env: NodeJS.ProcessEnv): CommonConfig {
  const values = readEnvironment(commonVariables, env);
  return {
    natsUrl: values.NATS_URL,
    natsAccess: natsAccess(values),
    store: storeConfig(values, env),
    streamMaxBytes: values.POLYREEL_STREAM_MAX_BYTES,
    ackWaitMs: values.POLYREEL_ACK_WAIT_SECONDS * 1000,
    outageWaitMs: values.POLYREEL_OUTAGE_WAIT,
    streamReplicas: values.POLYREEL_STREAM_REPLICAS,
    logLevel: values.LOG_LEVEL,
    logStream: values.LOG_STREAM === "stderr" ? "stderr" : "stdout",
    ops: { host: values.POLYREEL_OPS_HOST, port: values.POLYREEL_OPS_PORT },
    telemetry: Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("OTEL_"))),
  };
}
