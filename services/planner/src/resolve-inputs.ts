import { setTimeout as delay } from "node:timers/promises";
import type { Probe } from "@polyreel/media/probe";
import { notStored, type Sources } from "@polyreel/parts/sources";
import { type KnownSource, needKey, type ResolvedInputs, type SourceNeed } from "@polyreel/planning/plan";
import { PolyreelError, sourceError, toPolyreelError } from "@polyreel/platform";
import { delayAfter } from "@polyreel/platform/flow";
import pLimit from "p-limit";

export interface SourceResolving {
  readonly sources: Sources;
  /** Fetches a URL into the store; returns the SHA-256 of its bytes. */
  readonly fetch: (url: string) => Promise<string>;
  readonly fetchesAtOnce: number;
  /** Resolves when a probe may start, with a function that releases its slot. */
  readonly probeTurn: (signal: AbortSignal) => Promise<() => void>;
  readonly signal: AbortSignal;
}

type Found = KnownSource | PolyreelError;

/**
 * Fetches and probes each source once, in parallel, in the given order: a promise for each, by the key of its need.
 * Permanent failures of a source are results, too; retryable ones (the store is unavailable) are thrown.
 */
export function resolveSources(
  needs: readonly SourceNeed[],
  knowledge: ResolvedInputs,
  { sources, fetch, fetchesAtOnce, probeTurn, signal }: SourceResolving,
): ReadonlyMap<string, Promise<Found>> {
  const fetching = pLimit(fetchesAtOnce);
  // A URL may be used as footage and as a font, and several URLs may have the same bytes.
  const fetchOnce = onceEach((url) => fetching(() => fetch(url)));
  const probeOnce = onceEach(async (sha256) => {
    // A derived signal: otherwise thousands of waiting sources would add as many listeners to the batch's.
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
  const resolve = async (need: SourceNeed): Promise<Found> => {
    const found = await find(need).catch(sourceFailure);
    knowledge.learn(need, found);
    return found;
  };
  return new Map(needs.map((need) => [needKey(need), resolve(need)]));
}

/** Memoises `work` by key. */
function onceEach<T>(work: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const results = new Map<string, Promise<T>>();
  return (key) => {
    const result = results.get(key) ?? work(key);
    results.set(key, result);
    return result;
  };
}

const PROBE_TRIES = 3;
const PROBE_BACK_OFF = { firstMs: 500 };

/**
 * A probe that is killed, or fails with an unknown error, is retried; one that exceeds time or memory is not. After
 * that it counts as this source's fault: one bad source must not fail a whole batch.
 */
export async function probeSource(sha256: string, sources: Sources, signal: AbortSignal): Promise<Probe> {
  signal.throwIfAborted();
  const known = await sources.knownProbe(sha256, signal);
  if (known) return known;
  for (let attempt = 1; ; attempt++) {
    // If the store's disk became unavailable meanwhile, that is reported, not a fault of the source.
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

function sourceFailure(thrown: unknown): PolyreelError {
  const error = toPolyreelError(thrown);
  if (error.code === "not_found") return new PolyreelError("invalid", notStored().failure);
  if (error.code !== "invalid") throw error;
  return error;
}
