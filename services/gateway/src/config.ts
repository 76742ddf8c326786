import { isIPv6 } from "node:net";
import { PolyreelError } from "@polyreel/platform";
import {
  amount,
  bytes,
  type CommonConfig,
  count,
  readCommonConfig,
  readEnvironment,
  span,
} from "@polyreel/platform/runtime";
import { readSecretsConfig, type SecretsConfig, secretsDefaults } from "@polyreel/platform/secrets";
import { EnvError, makeValidator, num, str } from "envalid";
import { type JobsConfig, jobsDefaults, readJobsConfig } from "./jobs/config.js";
import { type LinkConfig, linkDefaults, readLinkConfig } from "./links/config.js";
import { type NotifyConfig, notifyDefaults, readNotifyConfig } from "./notify/config.js";
import { readOidcConfig } from "./oidc/config.js";
import type { ProviderSettings } from "./oidc/settings/provider-settings.js";
import { rate } from "./rate/parse-rate.js";
import type { Rate } from "./rate/token-buckets.js";
import type { ReadModelConfig } from "./read-model/open-read-model.js";
import { type RestConfig, readRestConfig, restDefaults } from "./rest/config.js";
import type { RetentionConfig } from "./retention/cleaner.js";
import { hostName, isLoopback } from "./server/allowed-hosts.js";
import { readServerConfig, type ServerConfig, serverDefaults } from "./server/config.js";

/** Default port of the gateway. */
const DEFAULT_GATEWAY_PORT = 8080;

export interface GatewayConfig extends CommonConfig, ReadModelConfig, ServerConfig {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** `required`: callers need one. `none` states explicitly that they need none, which is otherwise allowed only on loopback. */
  readonly auth: "local" | "none" | "required";
  /** Host names that requests may use for the gateway, in addition to loopback's. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may call from a browser, in addition to the gateway's own. */
  readonly allowedOrigins: readonly string[];
  /** Per message; PutSource sends a file in many. */
  readonly maxMessageBytes: number;
  readonly maxSourceBytes: number;
  /** Unfinished resumable uploads per tenant. */
  readonly maxUploads: number;
  /** Unfinished uploads are removed this long after their last bytes. */
  readonly uploadExpiryMs: number;
  /** Per batch. */
  readonly maxCombinations: number;
  readonly maxConnections: number;
  /** Per client address; infinite for no limit. */
  readonly maxConnectionsPerAddress: number;
  /** How long a client may stall in the middle of a request or of reading a response. */
  readonly stallSeconds: number;
  /** Concurrent calls per HTTP/2 connection. */
  readonly maxConcurrentStreams: number;
  /** How long running calls may continue while the gateway closes. */
  readonly graceSeconds: number;
  readonly retention: RetentionConfig;
  /** How long entries of the audit log are kept, in milliseconds; may be infinite. */
  readonly auditKeptMs: number;
  readonly links: LinkConfig;
  readonly jobs: JobsConfig;
  readonly rest: RestConfig;
  readonly notify: NotifyConfig;
  /** OpenID providers whose people and programs may call, where callers are asked who they are. */
  readonly oidc: readonly ProviderSettings[];
  /** File of presets that batches can name; empty: only the built-in ones. */
  readonly presetsFile: string;
  readonly secrets: SecretsConfig;
  /** Of each caller; undefined: no limit. */
  readonly rate: Rate | undefined;
  /** File of quotas of tenants; empty: none. */
  readonly quotasFile: string;
}

/** Default limits of a gateway: generous for people, tight for mistakes. */
export const gatewayDefaults = {
  ...serverDefaults,
  host: "127.0.0.1",
  port: DEFAULT_GATEWAY_PORT,
  databaseUrl: "",
  databaseFolder: "",
  auth: "local",
  allowedHosts: [],
  allowedOrigins: [],
  maxMessageBytes: 4 * 1024 ** 2,
  maxSourceBytes: 100 * 1024 ** 3,
  maxUploads: 1000,
  uploadExpiryMs: 24 * 3600_000,
  maxCombinations: 1_000_000,
  maxConnections: 1000,
  maxConnectionsPerAddress: 250,
  stallSeconds: 30,
  maxConcurrentStreams: 256,
  graceSeconds: 10,
  retention: {
    olderThanMs: Number.POSITIVE_INFINITY,
    sourcesUnusedMs: Number.POSITIVE_INFINITY,
    maxBytes: Number.POSITIVE_INFINITY,
    decodedMaxBytes: 10 * 1024 ** 3,
    everyMs: 15 * 60_000,
  },
  auditKeptMs: 400 * 86_400_000,
  links: linkDefaults,
  jobs: jobsDefaults,
  rest: restDefaults,
  notify: notifyDefaults,
  oidc: [],
  presetsFile: "",
  secrets: secretsDefaults,
  rate: undefined,
  quotasFile: "",
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

/** Origins in the form that browsers send: any other form would silently never match. */
const origins = makeValidator<readonly string[]>((text) => list(text).map(origin));

function origin(text: string): string {
  if (text === "*") throw new EnvError("* would let every web page submit and delete; name the origins that may call");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.origin === text) return text;
  const meant = url && /^https?:$/.test(url.protocol) && !url.username ? url.origin : "https://studio.example";
  throw new EnvError(`"${text}" is not an origin; write it as in ${meant}`);
}

const hosts = makeValidator<readonly string[]>((text) => list(text).map(host));

function host(text: string): string {
  const name = hostName(text);
  const bracketed = isIPv6(text) ? `[${text}]` : text;
  if (hostName(bracketed) !== undefined && !/:\d+$/.test(bracketed) && !text.includes("*")) {
    return hostName(bracketed) ?? "";
  }
  throw new EnvError(
    `"${text}" is not a host's name; write it without scheme, port and path, as in ${name ?? "studio.example"}`,
  );
}

/** Splits a comma-separated list. */
const list = (text: string): string[] => text.split(",").flatMap((one) => one.trim() || []);

/** A count, with 0 for no limit. */
const countOrNone = makeValidator<number>((text) => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value === 0 ? Number.POSITIVE_INFINITY : value;
  throw new EnvError(`must be a whole number >= 0, got "${text}"`);
});

/** Throws PolyreelError `invalid` if other machines could reach a gateway without authentication. */
export function assertGuarded({ host, auth }: Pick<GatewayConfig, "host" | "auth">): void {
  if (auth !== "local" || isLoopback(host)) return;
  throw new PolyreelError("invalid", {
    reason: `The gateway would listen on ${host || "all addresses"}, where other machines reach it, without authentication.`,
    remedy:
      "Set POLYREEL_AUTH=required, so that callers need a key; or none, if something else guards it; or listen on 127.0.0.1.",
  });
}

export function readConfig(env: NodeJS.ProcessEnv = process.env): GatewayConfig {
  const { retention } = gatewayDefaults;
  const values = readEnvironment(
    {
      GATEWAY_HOST: str({ default: gatewayDefaults.host, desc: "address to listen on; 0.0.0.0 for all" }),
      GATEWAY_PORT: port({ default: gatewayDefaults.port, desc: "port to listen on; 0 for any that is free" }),
      DATABASE_URL: databaseUrl({ default: "", desc: "PostgreSQL database of the read model" }),
      GATEWAY_DATABASE: str({ default: "", desc: "folder of the read model, where DATABASE_URL is not set" }),
      POLYREEL_AUTH: str<GatewayConfig["auth"]>({
        choices: ["local", "none", "required"],
        default: gatewayDefaults.auth,
        desc: "local: only this machine may reach the gateway; keys: others may, with a key; none: without",
      }),
      GATEWAY_ALLOWED_HOSTS: hosts({ default: [], desc: "names that requests may use, separated by commas" }),
      GATEWAY_ALLOWED_ORIGINS: origins({
        default: [],
        desc: "origins of web pages that may call, separated by commas",
      }),
      GATEWAY_MAX_MESSAGE_BYTES: count({ default: gatewayDefaults.maxMessageBytes, desc: "size of one message" }),
      GATEWAY_MAX_SOURCE_BYTES: count({ default: gatewayDefaults.maxSourceBytes, desc: "size of one source file" }),
      GATEWAY_MAX_UPLOADS: count({ default: gatewayDefaults.maxUploads, desc: "unfinished uploads of one tenant" }),
      POLYREEL_UPLOAD_EXPIRY: span({
        default: gatewayDefaults.uploadExpiryMs,
        desc: "how long unfinished uploads are kept after their last bytes",
      }),
      GATEWAY_MAX_COMBINATIONS: count({ default: gatewayDefaults.maxCombinations, desc: "combinations of one batch" }),
      GATEWAY_MAX_CONNECTIONS: count({ default: gatewayDefaults.maxConnections, desc: "open connections" }),
      GATEWAY_MAX_CONNECTIONS_PER_ADDRESS: countOrNone({
        default: gatewayDefaults.maxConnectionsPerAddress,
        desc: "open connections of one client's address; 0 for no bound, as behind a proxy",
      }),
      GATEWAY_STALL_SECONDS: amount({
        default: gatewayDefaults.stallSeconds,
        desc: "seconds after which a client that sends or reads nothing is ended",
      }),
      GATEWAY_MAX_CONCURRENT_STREAMS: count({
        default: gatewayDefaults.maxConcurrentStreams,
        desc: "calls at the same time over one HTTP/2 connection",
      }),
      POLYREEL_RETENTION: span({ default: retention.olderThanMs, desc: "how long batches are kept after their end" }),
      POLYREEL_SOURCE_RETENTION: span({
        default: retention.sourcesUnusedMs,
        desc: "how long sources are kept after their last use",
      }),
      POLYREEL_RETENTION_MAX_BYTES: bytes({ default: retention.maxBytes, desc: "what delivered videos may take" }),
      POLYREEL_RETENTION_EVERY_SECONDS: amount({
        default: retention.everyMs / 1000,
        desc: "seconds between two clean-ups",
      }),
      POLYREEL_DECODED_MAX_BYTES: bytes({
        default: retention.decodedMaxBytes,
        desc: "what decoded sound of sources may take in the store",
      }),
      POLYREEL_AUDIT_RETENTION: span({
        default: gatewayDefaults.auditKeptMs,
        desc: "how long the audit log is kept; empty: for good",
      }),
      POLYREEL_PRESETS: str({ default: "", desc: "file of presets for transcodes" }),
      POLYREEL_QUOTAS: str({ default: "", desc: "file of quotas of tenants" }),
      POLYREEL_RATE: rate({ default: undefined, desc: "requests of each caller, like 50/s" }),
      GATEWAY_GRACE_SECONDS: num({ default: gatewayDefaults.graceSeconds, desc: "time for running calls at the end" }),
    },
    env,
  );
  return {
    ...readCommonConfig(env),
    ...readServerConfig(env),
    host: values.GATEWAY_HOST,
    port: values.GATEWAY_PORT,
    databaseUrl: values.DATABASE_URL,
    databaseFolder: values.GATEWAY_DATABASE,
    auth: values.POLYREEL_AUTH,
    allowedHosts: values.GATEWAY_ALLOWED_HOSTS,
    allowedOrigins: values.GATEWAY_ALLOWED_ORIGINS,
    maxMessageBytes: values.GATEWAY_MAX_MESSAGE_BYTES,
    maxSourceBytes: values.GATEWAY_MAX_SOURCE_BYTES,
    maxUploads: values.GATEWAY_MAX_UPLOADS,
    uploadExpiryMs: values.POLYREEL_UPLOAD_EXPIRY,
    maxCombinations: values.GATEWAY_MAX_COMBINATIONS,
    maxConnections: values.GATEWAY_MAX_CONNECTIONS,
    maxConnectionsPerAddress: values.GATEWAY_MAX_CONNECTIONS_PER_ADDRESS,
    stallSeconds: values.GATEWAY_STALL_SECONDS,
    maxConcurrentStreams: values.GATEWAY_MAX_CONCURRENT_STREAMS,
    graceSeconds: values.GATEWAY_GRACE_SECONDS,
    presetsFile: values.POLYREEL_PRESETS,
    rate: values.POLYREEL_RATE,
    quotasFile: values.POLYREEL_QUOTAS,
    auditKeptMs: values.POLYREEL_AUDIT_RETENTION,
    links: readLinkConfig(env),
    jobs: readJobsConfig(env),
    rest: readRestConfig(env),
    notify: readNotifyConfig(env),
    secrets: readSecretsConfig(env),
    oidc: readOidcConfig(env),
    retention: {
      olderThanMs: values.POLYREEL_RETENTION,
      sourcesUnusedMs: values.POLYREEL_SOURCE_RETENTION,
      maxBytes: values.POLYREEL_RETENTION_MAX_BYTES,
      everyMs: values.POLYREEL_RETENTION_EVERY_SECONDS * 1000,
      decodedMaxBytes: values.POLYREEL_DECODED_MAX_BYTES,
    },
  };
}
