import { setTimeout as delay } from "node:timers/promises";
import { FailureCode } from "@polyreel/contract";
import type { Probe } from "@polyreel/media/probe";
import type { Sources } from "@polyreel/parts/sources";
import type { KnownSource, ResolvedInputs, SourceNeed } from "@polyreel/planning/plan";
import { PolyreelError, sourceError, toPolyreelError } from "@polyreel/platform";
import { delayAfter } from "@polyreel/platform/flow";
import pLimit from "p-limit";

export interface SourceFinding {
  readonly sources: Sources;
  /** Brings what a URL gives into the store; tells its SHA-256. */
  readonly fetch: (url: string) => Promise<string>;
  readonly fetchesAtOnce: number;
  /** Resolves when a probe may be made, with what lets the next one be made. */
  readonly probeTurn: (signal: AbortSignal) => Promise<() => void>;
  readonly signal: AbortSignal;
}

/**
 * Fetches and probes each source once, in parallel, in the order given. What is wrong with a source is knowledge too; what
 * may pass (the store is away) is thrown.
 */
export async function resolveSources(
  needs: readonly SourceNeed[],
  knowledge: ResolvedInputs,
  { sources, fetch, fetchesAtOnce, probeTurn, signal }: SourceFinding,
): Promise<void> {
  const fetching = pLimit(fetchesAtOnce);
  // A URL may be footage here and a font there, and several URLs may give the same bytes.
  const fetchOnce = onceEach((url) => fetching(() => fetch(url)));
  const probeOnce = onceEach(async (sha256) => {
    // A signal of its own: thousands of sources in line would be as many listeners of the batch's.
    const own = AbortSignal.any([signal]);
    const release = await probeTurn(own);
    return probeSource(sha256, sources, own).finally(release);
  });
  const find = async (need: SourceNeed): Promise<KnownSource> => {
    signal.throwIfAborted();
    const sha256 = need.kind === "url" ? await fetchOnce(need.url) : need.sha256;
    if (need.use === "media") return { sha256, probe: await probeOnce(sha256) };
    if (!(await sources.has(sha256, signal))) throw notStored();
    return { sha256 };
  };
  await Promise.all(needs.map(async (need) => knowledge.learn(need, await find(need).catch(whatIsWrong))));
}

/** The same work, done once for each key. */
function onceEach<T>(work: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const begun = new Map<string, Promise<T>>();
  return (key) => {
    const result = begun.get(key) ?? work(key);
    begun.set(key, result);
    return result;
  };
}

const PROBE_TRIES = 3;
const PROBE_BACK_OFF = { firstMs: 500 };

/**
 * A probe that is killed, or fails in a way not heard of yet, is tried again; one that takes too long or too much is not.
 * Then it is this source's fault: one bad source must not fail a whole batch.
 */
async function probeSource(sha256: string, sources: Sources, signal: AbortSignal): Promise<Probe> {
  signal.throwIfAborted();
  for (let attempt = 1; ; attempt++) {
    // Where the store's disk went away meanwhile, that is told, and the source is not blamed.
    await using source = await sources.open(sha256, signal);
    try {
      return await sources.probe(sha256, source, signal);
    } catch (error) {
      if (!(error instanceof PolyreelError) || !error.retryable) throw error;
      if (error.code === "exhausted" || attempt >= PROBE_TRIES) {
        const { reason, remedy } = error.failure;
        throw sourceError({ reason, remedy }, { cause: error });
      }
      await delay(delayAfter(attempt, PROBE_BACK_OFF), undefined, { signal });
    }
  }
}

function whatIsWrong(thrown: unknown): PolyreelError {
  const error = toPolyreelError(thrown);
  if (error.code === "not_found") return notStored();
  if (error.code !== "invalid") throw error;
  return error;
}

const notStored = (): PolyreelError =>
  new PolyreelError("invalid", {
    code: FailureCode.NOT_FOUND,
    reason: "The source is not in the store.",
    remedy: "Put it there with SourceService.PutSource, then submit again.",
  });
