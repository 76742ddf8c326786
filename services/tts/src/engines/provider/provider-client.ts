import { setTimeout as sleep } from "node:timers/promises";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import { type BackOff, delayAfter, spread } from "@polyreel/platform/flow";
import { retryAfterMs } from "@polyreel/platform/web";
import { connectionError, isBusy, type Refusal, refusalError, tooSlow, uselessAnswer } from "./provider-faults.js";

export interface ProviderRequest {
  readonly method: "GET" | "POST";
  /** Below the endpoint, with a query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** Sent instead, with its files. */
  readonly form?: FormData;
  readonly signal: AbortSignal;
  /** See `SpeakRequest.charge`. */
  readonly charge?: (() => Promise<() => Promise<void>>) | undefined;
}

export interface ProviderAnswer {
  /** Media type, in lower case, without parameters. */
  readonly type: string;
  readonly bytes: Buffer;
}

export interface ClientOptions {
  readonly deadlineSeconds?: number;
  readonly backOff?: BackOff;
}

interface Provider {
  readonly name: string;
  readonly endpoint: string;
  /** Headers that authorise a request; read for each. */
  readonly authorise: () => Promise<Readonly<Record<string, string>>>;
}

/** The longest texts take about a minute. */
const DEADLINE_SECONDS = 180;
/** More than the speech of any text, in Base64. */
const MAX_BYTES = 128 << 20;
const MAX_ERROR_BYTES = 64 << 10;
/** About a minute; after that it is an outage, which work waits for longer. */
const MAX_TRIES = 6;
const BACK_OFF: BackOff = { firstMs: 1_000, longestMs: 20_000 };
/** A longer requested delay is an outage. */
const LONGEST_RETRY_AFTER_MS = 60_000;
const SPREAD = 1.5;

/** Sends requests to a provider's API, and waits while it is busy. No error has the key or the words of an answer. */
export class ProviderClient {
  constructor(
    private readonly provider: Provider,
    private readonly options: ClientOptions = {},
  ) {}

  /**
   * The answer of status 200. Throws PolyreelError `unavailable` (busy, unreachable, slow), `precondition` (the key, the
   * account, the answer) or `invalid` (the request), or the signal's reason.
   */
  async send(request: ProviderRequest): Promise<ProviderAnswer> {
    for (let tried = 1; ; tried++) {
      const headers = await this.provider.authorise();
      const takeBack = await request.charge?.();
      const answer = await this.#attempt(request, headers);
      if ("bytes" in answer) return answer;
      // It was refused, so nothing was charged.
      await takeBack?.();
      const waitMs = this.#delay(answer, tried);
      if (waitMs === undefined) throw refusalError(this.provider.name, answer);
      await sleep(waitMs, undefined, { signal: request.signal });
    }
  }

  async #attempt(
    { method, path, body, form, signal }: ProviderRequest,
    headers: Readonly<Record<string, string>>,
  ): Promise<ProviderAnswer | Refused> {
    const { name, endpoint } = this.provider;
    const { deadlineSeconds = DEADLINE_SECONDS } = this.options;
    const deadline = AbortSignal.timeout(deadlineSeconds * 1000);
    try {
      const response = await fetch(`${endpoint}${path}`, {
        method,
        headers: { ...headers, ...(body && { "content-type": "application/json" }) },
        ...(form ? { body: form } : body && { body: JSON.stringify(body) }),
        redirect: "manual", // The key is for this address only.
        signal: AbortSignal.any([signal, deadline]),
      });
      if (response.status !== 200) return await refusedBy(response);
      const bytes = await readBody(response, MAX_BYTES);
      if (!bytes) throw uselessAnswer(name, "it is too large");
      return { type: mediaType(response), bytes };
    } catch (error) {
      if (signal.aborted) throw toPolyreelError(signal.reason);
      if (error instanceof PolyreelError) throw error;
      if (deadline.aborted) throw tooSlow(name, deadlineSeconds);
      throw connectionError(name, error);
    }
  }

  /** Milliseconds until the next attempt; undefined if there is none. */
  #delay(refused: Refused, tried: number): number | undefined {
    if (!isBusy(refused) || tried >= MAX_TRIES || (refused.afterMs ?? 0) > LONGEST_RETRY_AFTER_MS) return undefined;
    const { backOff = BACK_OFF } = this.options;
    return Math.max(refused.afterMs ?? 0, spread(delayAfter(tried, backOff), Math.random(), SPREAD));
  }
}

interface Refused extends Refusal {
  /** As the provider requested it. */
  readonly afterMs: number | undefined;
}

async function refusedBy(response: Response): Promise<Refused> {
  const afterMs = retryAfterMs(response.headers.get("retry-after") ?? undefined, Date.now());
  const bytes = await readBody(response, MAX_ERROR_BYTES);
  return { status: response.status, token: tokenOf(parsed(bytes)), afterMs };
}

const mediaType = ({ headers }: Response): string =>
  (headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";

/** Undefined if there are more bytes. */
async function readBody(response: Response, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) return undefined; // Ends the connection.
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The value of JSON; undefined if it is none. */
export function parsed(bytes: Buffer | undefined): unknown {
  try {
    return JSON.parse(bytes?.toString("utf8") ?? "");
  } catch {
    return undefined;
  }
}

const TOKEN = /^[a-z][a-z0-9_]{0,59}$/;

/** The provider's name for an error: `detail.status` of ElevenLabs, `error.code` or `error.type` of OpenAI. */
function tokenOf(answer: unknown): string {
  const { detail, error } = fieldsOf(answer);
  const candidates = [fieldsOf(detail).status, fieldsOf(detail).code, fieldsOf(error).code, fieldsOf(error).type];
  return candidates.find((one): one is string => typeof one === "string" && TOKEN.test(one)) ?? "";
}

/** The fields of an object in an answer; none of anything else. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
