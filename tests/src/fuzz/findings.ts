import type { FuzzCall } from "./draw-call.js";
import type { Answer } from "./send-call.js";

/** Answers that blame the server, or no answer. */
const OUR_FAULT =
  /^(internal|unknown|data_loss|no answer|connection|no such code|no end of the stream|http (5\d\d|NaN|0))$/;
/**
 * Bytes that are no message, or compressed without a declared encoding: gRPC requires INTERNAL, and the library answers
 * before our code. Counted separately. Source: https://github.com/grpc/grpc/blob/master/doc/statuscodes.md
 */
const UNREADABLE = /^(parse binary: |received compressed )/;
/** Bidirectional calls need HTTP/2. */
const NEEDS_HTTP2 = "http 505";

export interface Finding {
  readonly code: string;
  readonly method: string;
  readonly message: string;
  /** The first call that found it; `--only` sends it alone. */
  readonly call: FuzzCall;
  times: number;
}

/** Collects unexpected answers, each kind once. */
export class Findings {
  readonly #found = new Map<string, Finding>();
  readonly codes: Record<string, number> = {};
  /** The index of the last answered call. */
  latest = 0;

  add(call: FuzzCall, { code: answered, message }: Answer): void {
    this.latest = call.index;
    const code = answered === "internal" && UNREADABLE.test(message) ? "unreadable" : answered;
    this.codes[code] = (this.codes[code] ?? 0) + 1;
    if (!OUR_FAULT.test(code) || (code === NEEDS_HTTP2 && call.method.methodKind === "bidi_streaming")) return;
    const method = `${call.method.parent.name}.${call.method.name}`;
    const key = `${code} ${method} ${message.replace(/[\d"'].*/s, "")}`;
    const known = this.#found.get(key);
    if (known) known.times++;
    else this.#found.set(key, { code, method, message, call, times: 1 });
  }

  get all(): readonly Finding[] {
    return [...this.#found.values()];
  }
}

export const describe = ({ code, method, message, call, times }: Finding, seed: number): string =>
  `${code}, ${times} times: ${method} over ${call.protocol} (${call.headers["content-type"]}), ${call.how}: ${message} ` +
  `Reproduce: npm run fuzz -- --seed ${seed} --only ${call.index}`;

/** Lines at level error in a service's log, each kind once. */
export function loggedErrors(name: string, log: readonly Record<string, unknown>[]): string[] {
  const kinds = new Map<string, string>();
  for (const line of log) {
    if (line.level !== "error" && line.level !== "fatal") continue;
    const error = JSON.stringify(line.err ?? {});
    if (/"message":"(\[\w+\] )?(parse binary: |received compressed )/.test(error)) continue;
    const where = `${line.message} ${line.rpc ?? ""}`;
    const kind = `${where} ${/"message":"[^"]*"/.exec(error)?.[0] ?? error}`.replace(/\d+/g, "n");
    kinds.set(kind, `The ${name} logged an error: ${where} ${error}`);
  }
  return [...kinds.values()];
}
