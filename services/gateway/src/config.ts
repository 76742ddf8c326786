import { isIPv6 } from "node:net";
import { PolyreelError, parseSpan } from "@polyreel/platform";
import {
  amount,
  bytes,
  type CommonConfig,
  count,
  readCommonConfig,
  readEnvironment,
  span,
} from "@polyreel/platform/runtime";
import { EnvError, makeValidator, num, str } from "envalid";
import type { JobsConfig } from "./jobs/start-jobs.js";
import { baseUrl } from "./links/base-url.js";
import { type LinkKey, parseLinkKeys } from "./links/link-keys.js";
import type { LinkConfig } from "./links/link-settings.js";
import { MAX_LINK_LIFETIME_MS } from "./links/signed-links.js";
import { type NotifyConfig, notifyDefaults, readNotifyConfig } from "./notify/config.js";
import type { ReadModelConfig } from "./read-model/open-read-model.js";
import type { RestConfig } from "./rest/deps.js";
import { restDefaults, restOutputs, videoFormats } from "./rest/rest-config.js";
import type { RetentionConfig } from "./retention/cleaner.js";
import { hostName, isLoopback } from "./server/allowed-hosts.js";

/** Default port of the gateway. */
const DEFAULT_GATEWAY_PORT = 8080;

export interface GatewayConfig extends CommonConfig, ReadModelConfig {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Authentication: `none` states explicitly that there is none, which is otherwise allowed only on loopback. */
  readonly auth: "local" | "none";
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
  readonly links: LinkConfig;
  readonly jobs: JobsConfig;
  readonly rest: RestConfig;
  readonly notify: NotifyConfig;
}

/** Default limits of a gateway: generous for people, tight for mistakes. */
export const gatewayDefaults = {
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
  links: { lifetimeMs: 24 * 3_600_000, publicUrl: undefined, cdnUrl: undefined, keys: [], keysFile: "" },
  jobs: { enabled: false, input: "", output: ".", live: 50, maxBytes: 256 * 1024 ** 2 },
  rest: restDefaults,
  notify: notifyDefaults,
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

/** A base URL for links; undefined if empty. */
const base = makeValidator<string | undefined>((text) => {
  if (text === "") return undefined;
  const url = baseUrl(text);
  if (url !== undefined) return url;
  throw new EnvError("not a base URL, as in https://studio.example or https://studio.example/polyreel");
});

const lifetime = makeValidator<number>((text) => {
  const ms = parseSpan(text);
  if (ms !== undefined && ms >= 1000 && ms <= MAX_LINK_LIFETIME_MS) return ms;
  throw new EnvError(`must be between 1s and 7d, as in 24h, got "${text}"`);
});

/** Errors show no secret. */
const linkKeys = makeValidator<readonly LinkKey[]>((text) => {
  try {
    return parseLinkKeys(text);
  } catch (error) {
    throw new EnvError((error as Error).message);
  }
});

/** A count, with 0 for no limit. */
const countOrNone = makeValidator<number>((text) => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value === 0 ? Number.POSITIVE_INFINITY : value;
  throw new EnvError(`must be a whole number >= 0, got "${text}"`);
});

/** A folder below the uploader's own, or in one of its destinations. */
const placedFolder = makeValidator<string>((text) => {
  if (/^([a-z][a-z0-9-]*:(\/|$))?(\.|[\w-][\w.-]*(\/[\w-][\w.-]*)*)?$/.test(text) && text !== "") return text;
  throw new EnvError(`"${text}" is no folder; write it as in spring, or ads:/spring for a destination`);
});

/** Throws PolyreelError `invalid` if other machines could reach a gateway without authentication. */
export function assertGuarded({ host, auth }: Pick<GatewayConfig, "host" | "auth">): void {
  if (auth === "none" || isLoopback(host)) return;
  throw new PolyreelError("invalid", {
    reason: `The gateway would listen on ${host || "all addresses"}, where other machines reach it, without authentication.`,
    remedy: "Set POLYREEL_AUTH=none if that is meant (something else guards it), or listen on 127.0.0.1.",
  });
}

export function readConfig(env: NodeJS.ProcessEnv = process.env): GatewayConfig {
  const { retention, jobs } = gatewayDefaults;
  const values = readEnvironment(
    {
      GATEWAY_HOST: str({ default: gatewayDefaults.host, desc: "address to listen on; 0.0.0.0 for all" }),
      GATEWAY_PORT: port({ default: gatewayDefaults.port, desc: "port to listen on; 0 for any that is free" }),
      DATABASE_URL: databaseUrl({ default: "", desc: "PostgreSQL database of the read model" }),
      GATEWAY_DATABASE: str({ default: "", desc: "folder of the read model, where DATABASE_URL is not set" }),
      POLYREEL_AUTH: str({
        choices: ["local", "none"],
        default: gatewayDefaults.auth,
        desc: "local: only this machine may reach the gateway; none: others may, without authentication",
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
      POLYREEL_PUBLIC_URL: base({
        default: undefined,
        desc: "where clients reach the gateway: the beginning of links",
      }),
      POLYREEL_CDN_URL: base({ default: undefined, desc: "the same for links to outputs, where a CDN serves them" }),
      POLYREEL_LINK_KEYS: linkKeys({ default: [], desc: "keys of signed links, as id:secret,id:secret" }),
      POLYREEL_LINK_KEYS_FILE: str({ default: "", desc: "file with the keys of signed links" }),
      POLYREEL_LINK_LIFETIME: lifetime({
        default: gatewayDefaults.links.lifetimeMs,
        desc: "how long signed links work, like 24h; at most 7d",
      }),
      POLYREEL_JOBS: str({
        choices: ["on", "off"],
        default: jobs.enabled ? "on" : "off",
        desc: "on: takes jobs that clients publish on NATS",
      }),
      POLYREEL_JOBS_INPUT: str({ default: jobs.input, desc: "folder of the files that jobs name by keys" }),
      POLYREEL_JOBS_OUTPUT: placedFolder({ default: jobs.output, desc: "folder or destination of jobs' outputs" }),
      POLYREEL_JOBS_LIVE: count({ default: jobs.live, desc: "batches of one tenant's jobs at work" }),
      POLYREEL_JOBS_MAX_BYTES: count({ default: jobs.maxBytes, desc: "size of the jobs that wait" }),
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
    auth: values.POLYREEL_AUTH === "none" ? "none" : "local",
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
    notify: readNotifyConfig(env),
    retention: {
      olderThanMs: values.POLYREEL_RETENTION,
      sourcesUnusedMs: values.POLYREEL_SOURCE_RETENTION,
      maxBytes: values.POLYREEL_RETENTION_MAX_BYTES,
      everyMs: values.POLYREEL_RETENTION_EVERY_SECONDS * 1000,
      decodedMaxBytes: values.POLYREEL_DECODED_MAX_BYTES,
    },
    links: {
      lifetimeMs: values.POLYREEL_LINK_LIFETIME,
      publicUrl: values.POLYREEL_PUBLIC_URL,
      cdnUrl: values.POLYREEL_CDN_URL,
      keys: values.POLYREEL_LINK_KEYS,
      keysFile: values.POLYREEL_LINK_KEYS_FILE,
    },
    jobs: {
      enabled: values.POLYREEL_JOBS === "on",
      input: values.POLYREEL_JOBS_INPUT,
      output: values.POLYREEL_JOBS_OUTPUT,
      live: values.POLYREEL_JOBS_LIVE,
      maxBytes: values.POLYREEL_JOBS_MAX_BYTES,
    },
    rest: {
      maxUploadBytes: values.POLYREEL_REST_MAX_BYTES,
      formats: values.POLYREEL_REST_FORMATS,
      outputs: values.POLYREEL_REST_OUTPUTS,
      maxLiveJobs: values.POLYREEL_REST_MAX_LIVE_JOBS,
    },
  };
}
