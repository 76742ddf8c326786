import {
  amount,
  bytes,
  type CommonConfig,
  count,
  readCommonConfig,
  readEnvironment,
  span,
} from "@polyreel/platform/config.js";
import { EnvError, makeValidator, num, str } from "envalid";
import type { ReadModelConfig } from "./read-model/open-read-model.js";
import type { RetentionConfig } from "./retention/cleaner.js";

/** Where the gateway listens when nothing is said. */
const DEFAULT_GATEWAY_PORT = 8080;

export interface GatewayConfig extends CommonConfig, ReadModelConfig {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Origins whose pages may call from a browser, besides the gateway's own. */
  readonly allowedOrigins: readonly string[];
  /** Of one message; PutSource sends a file in many. */
  readonly maxMessageBytes: number;
  readonly maxSourceBytes: number;
  /** Combinations of one batch. */
  readonly maxCombinations: number;
  readonly maxConnections: number;
  /** Calls at the same time over one HTTP/2 connection. */
  readonly maxConcurrentStreams: number;
  /** How long running calls may go on while the gateway ends. */
  readonly graceSeconds: number;
  readonly retention: RetentionConfig;
}

/** What is not said by the environment: limits for one gateway, generous for people and tight for mistakes. */
export const gatewayDefaults = {
  host: "127.0.0.1",
  port: DEFAULT_GATEWAY_PORT,
  databaseUrl: "",
  databaseFolder: "",
  allowedOrigins: [],
  maxMessageBytes: 4 * 1024 ** 2,
  maxSourceBytes: 100 * 1024 ** 3,
  maxCombinations: 1_000_000,
  maxConnections: 1000,
  maxConcurrentStreams: 256,
  graceSeconds: 10,
  retention: {
    olderThanMs: Number.POSITIVE_INFINITY,
    maxBytes: Number.POSITIVE_INFINITY,
    decodedMaxBytes: 10 * 1024 ** 3,
    everyMs: 15 * 60_000,
  },
} as const satisfies Omit<GatewayConfig, keyof CommonConfig>;

const port = makeValidator<number>((text) => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new EnvError(`"${text}" is no port; ports are 0 to 65535`);
});

const databaseUrl = makeValidator<string>((text) => {
  if (text === "" || /^postgres(ql)?:\/\//.test(text)) return text;
  throw new EnvError("not a URL of PostgreSQL, as in postgres://user:password@host:5432/database");
});

export function readConfig(env: NodeJS.ProcessEnv = process.env): GatewayConfig {
  const { retention } = gatewayDefaults;
  const values = readEnvironment(
    {
      GATEWAY_HOST: str({ default: gatewayDefaults.host, desc: "address to listen on; 0.0.0.0 for all" }),
      GATEWAY_PORT: port({ default: gatewayDefaults.port, desc: "port to listen on; 0 for any that is free" }),
      DATABASE_URL: databaseUrl({ default: "", desc: "PostgreSQL database of the read model" }),
      GATEWAY_DATABASE: str({ default: "", desc: "folder of the read model, where DATABASE_URL is not set" }),
      GATEWAY_ALLOWED_ORIGINS: str({ default: "", desc: "origins of web pages that may call, separated by commas" }),
      GATEWAY_MAX_MESSAGE_BYTES: count({ default: gatewayDefaults.maxMessageBytes, desc: "size of one message" }),
      GATEWAY_MAX_SOURCE_BYTES: count({ default: gatewayDefaults.maxSourceBytes, desc: "size of one source file" }),
      GATEWAY_MAX_COMBINATIONS: count({ default: gatewayDefaults.maxCombinations, desc: "combinations of one batch" }),
      GATEWAY_MAX_CONNECTIONS: count({ default: gatewayDefaults.maxConnections, desc: "open connections" }),
      GATEWAY_MAX_CONCURRENT_STREAMS: count({
        default: gatewayDefaults.maxConcurrentStreams,
        desc: "calls at the same time over one HTTP/2 connection",
      }),
      POLYREEL_RETENTION: span({ default: retention.olderThanMs, desc: "how long batches are kept after their end" }),
      POLYREEL_RETENTION_MAX_BYTES: bytes({ default: retention.maxBytes, desc: "what delivered videos may take" }),
      POLYREEL_RETENTION_EVERY_SECONDS: amount({
        default: retention.everyMs / 1000,
        desc: "seconds between two clean-ups",
      }),
      POLYREEL_DECODED_MAX_BYTES: bytes({
        default: retention.decodedMaxBytes,
        desc: "what decoded sound of sources may take in the store",
      }),
      GATEWAY_GRACE_SECONDS: num({ default: gatewayDefaults.graceSeconds, desc: "time for running calls at the end" }),
    },
    env,
  );
  return {
    ...readCommonConfig(env),
    host: values.GATEWAY_HOST,
    port: values.GATEWAY_PORT,
    databaseUrl: values.DATABASE_URL,
    databaseFolder: values.GATEWAY_DATABASE,
    allowedOrigins: values.GATEWAY_ALLOWED_ORIGINS.split(",").flatMap((origin) => origin.trim() || []),
    maxMessageBytes: values.GATEWAY_MAX_MESSAGE_BYTES,
    maxSourceBytes: values.GATEWAY_MAX_SOURCE_BYTES,
    maxCombinations: values.GATEWAY_MAX_COMBINATIONS,
    maxConnections: values.GATEWAY_MAX_CONNECTIONS,
    maxConcurrentStreams: values.GATEWAY_MAX_CONCURRENT_STREAMS,
    graceSeconds: values.GATEWAY_GRACE_SECONDS,
    retention: {
      olderThanMs: values.POLYREEL_RETENTION,
      maxBytes: values.POLYREEL_RETENTION_MAX_BYTES,
      everyMs: values.POLYREEL_RETENTION_EVERY_SECONDS * 1000,
      decodedMaxBytes: values.POLYREEL_DECODED_MAX_BYTES,
    },
  };
}
