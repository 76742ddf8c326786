import { PolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";
import { type BackOff, delayAfter, retry, spread } from "@polyreel/platform/flow";
import type { Log } from "@polyreel/platform/runtime";
import type { OAuth2Client } from "google-auth-library";
import type { CurrentCredentials } from "./current-credentials.js";
import {
  DriveRefusal,
  driveError,
  isTransient,
  LostAnswer,
  REVOKED,
  refusalError,
  tokenError,
} from "./drive-faults.js";
import { unlessAborted } from "./unless-aborted.js";

export interface DriveRequest {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below the API's address, or the whole address of an upload session. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes, or an object to send as JSON. */
  readonly body?: Uint8Array | object;
  /** Statuses beside 2xx that are results and not failures. */
  readonly accept?: readonly number[];
}

export interface DriveAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, if there is any. */
  readonly data: unknown;
}

export interface ConnectionOptions {
  /** Name of the destination in errors. */
  readonly destination: string;
  /** Origin of the API. */
  readonly endpoint: string;
  /** How long Google may stay silent. */
  readonly deadlineMs?: number;
  /** Delays between attempts, before they are spread. */
  readonly backOff?: BackOff;
  readonly maxTries?: number;
  readonly log?: Log | undefined;
}

const DEADLINE_MS = 60_000;
/** A slower line counts as silent. */
const SLOWEST_BYTES_PER_SECOND = 64 * 1024;
const BACK_OFF: BackOff = { firstMs: 1_000, longestMs: 32_000 };
/** About half a minute; after that it is an outage, which work waits for without holding a slot. */
const MAX_TRIES = 6;
/** A longer requested delay is an outage. */
const LONGEST_RETRY_AFTER_MS = 60_000;
/** Delays vary from half to one and a half times. */
const SPREAD = 1.5;

/** A failure of one attempt. */
export class FailedAttempt extends Error {
  override readonly name = "FailedAttempt";

  constructor(
    override readonly cause: DriveRefusal | LostAnswer,
    /** As Google requested it. */
    readonly retryAfterMs = 0,
  ) {
    super(cause.message);
  }
}

/** Sends requests to Drive's API on behalf of a destination's account. */
export class DriveConnection {
  readonly #deadlineMs: number;
  readonly #backOff: BackOff;
  readonly maxTries: number;

  constructor(
    private readonly credentials: CurrentCredentials,
    private readonly options: ConnectionOptions,
  ) {
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS;
    this.#backOff = options.backOff ?? BACK_OFF;
    this.maxTries = options.maxTries ?? MAX_TRIES;
  }

  /** Address of a path of the API. */
  urlOf(path: string): string {
    return new URL(path, this.options.endpoint).href;
  }

  /**
   * Repeats attempts that a broken connection, a limit or an outage made fail, so the request must be idempotent.
   * Throws PolyreelError, or the signal's reason.
   */
  request(request: DriveRequest, signal?: AbortSignal): Promise<DriveAnswer> {
    return retry(
      () => this.attempt(request, signal),
      (error, failed) => this.delayAfter(error, failed),
      signal,
    );
  }

  /** The delay in milliseconds before the next attempt. Throws PolyreelError if none can help, or there were enough. */
  delayAfter(error: unknown, failed: number): number {
    if (!(error instanceof FailedAttempt)) throw error;
    const { cause, retryAfterMs } = error;
    if (!isTransient(cause) || failed >= this.maxTries || retryAfterMs > LONGEST_RETRY_AFTER_MS) {
      throw refusalError(this.options.destination, cause);
    }
    const delayMs = Math.max(retryAfterMs, spread(delayAfter(failed, this.#backOff), Math.random(), SPREAD));
    const { log, destination } = this.options;
    log?.debug(
      { destination, cause: cause.message, failed, delayMs: Math.round(delayMs) },
      "Google Drive: trying again",
    );
    return delayMs;
  }

  /** One attempt, with a new token if the old one is refused. Throws FailedAttempt, PolyreelError or the signal's reason. */
  async attempt(request: DriveRequest, signal?: AbortSignal): Promise<DriveAnswer> {
    for (let renewed = false; ; renewed = true) {
      const client = await this.#authorised(signal);
      const answer = await this.#send(client, request, signal);
      const { status, data, headers } = answer;
      if ((status >= 200 && status < 300) || request.accept?.includes(status)) return answer;
      if (status === 401 && !renewed) {
        await this.credentials.renew(client);
        continue;
      }
      throw new FailedAttempt(new DriveRefusal(status, reasonIn(data)), retryAfterMs(headers));
    }
  }

  /** The client, with a valid token. */
  async #authorised(signal: AbortSignal | undefined): Promise<OAuth2Client> {
    for (let renewed = false; ; renewed = true) {
      signal?.throwIfAborted();
      const client = await this.credentials.client();
      try {
        // The library cannot cancel a token request, which other work may wait for, too.
        await unlessAborted(client.getAccessToken(), signal);
        return client;
      } catch (error) {
        signal?.throwIfAborted();
        const failure = this.#tokenFailure(error);
        const isRefused = failure instanceof PolyreelError;
        if (!isRefused || renewed || !(await this.credentials.renew(client))) throw failure;
      }
    }
  }

  #tokenFailure(error: unknown): PolyreelError | FailedAttempt {
    const { response } = error as { response?: { status: number; headers: Headers; data: unknown } };
    if (!response) {
      // A key that is no key cannot sign.
      if (/^ERR_OSSL|DECODER/.test(systemCode(error) ?? "")) return driveError(this.options.destination, REVOKED);
      return new FailedAttempt(new LostAnswer(codeOf(error)));
    }
    const { error: reason = "", error_description: description = "" } = (response.data ?? {}) as TokenRefusal;
    const refusal = new DriveRefusal(response.status, typeof reason === "string" ? reason : "");
    if (isTransient(refusal)) return new FailedAttempt(refusal, retryAfterMs(response.headers));
    return tokenError(this.options.destination, refusal, String(description));
  }

  async #send(client: OAuth2Client, request: DriveRequest, signal: AbortSignal | undefined): Promise<DriveAnswer> {
    const { method, path, query = {}, headers = {}, body } = request;
    const url = new URL(path, this.options.endpoint);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    const isBytes = body instanceof Uint8Array;
    const sizeBytes = isBytes ? body.byteLength : 0;
    const deadline = AbortSignal.timeout(Math.ceil(this.#deadlineMs + (sizeBytes / SLOWEST_BYTES_PER_SECOND) * 1000));
    try {
      const answer = await client.request<unknown>({
        url: url.href,
        method,
        headers: {
          ...(body !== undefined && !isBytes && { "content-type": "application/json; charset=UTF-8" }),
          ...headers,
        },
        ...(body !== undefined && { data: isBytes ? body : JSON.stringify(body) }),
        responseType: "json",
        validateStatus: () => true,
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      });
      return { status: answer.status, headers: answer.headers, data: answer.data };
    } catch (error) {
      signal?.throwIfAborted();
      // Google's errors carry the request with its token: none is kept as a cause.
      throw new FailedAttempt(new LostAnswer(deadline.aborted ? "TIMEOUT" : codeOf(error)));
    }
  }
}

interface TokenRefusal {
  readonly error?: unknown;
  readonly error_description?: unknown;
}

const codeOf = (error: unknown): string => {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return String(code ?? cause?.code ?? "");
};

/** Google's reason for a refusal, in one of the two forms that it has. */
function reasonIn(data: unknown): string {
  const { error } = (data ?? {}) as {
    error?: { errors?: { reason?: unknown }[]; details?: { reason?: unknown }[] };
  };
  const details = (error?.details ?? []).map(({ reason }) => reason).filter((reason) => reason !== undefined);
  return String(error?.errors?.[0]?.reason ?? details[0] ?? "");
}

function retryAfterMs(headers: Headers): number {
  const value = headers.get("retry-after");
  if (value === null) return 0;
  const seconds = Number(value);
  const delayMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(delayMs) ? Math.max(0, delayMs) : 0;
}
