import { create } from "@bufbuild/protobuf";
import {
  type Batch,
  EstimateBatchRequestSchema,
  type EstimateBatchResponse,
  estimateRequest,
} from "@polyreel/contract";
import { type EventStream, sendRequest } from "@polyreel/platform/stream";
import { LRUCache } from "lru-cache";
import pLimit from "p-limit";
import { abandonable } from "../uploads/abandonable.js";

/** As many as a planner or two work at. */
const AT_ONCE = 4;
/** An estimate that takes longer is too dear to wait for. */
const LONGEST_MS = 20_000;
/** Whoever was refused comes again with the same batch. */
const KNOWN_FOR_MS = 60_000;
const MAX_KNOWN = 1000;

/** A batch as it is or will be stored. */
export interface Estimated {
  readonly batch: Batch;
  readonly specSha256: string;
  /** As if no part existed yet. */
  readonly rebuild?: boolean;
}

type Estimate = { readonly response: EstimateBatchResponse | undefined };

/** Estimates for quotas, which planners make: one for each specification, however often it is submitted in a minute. */
export class UseEstimates {
  readonly #turns = pLimit(AT_ONCE);
  readonly #known: LRUCache<string, Estimate, Estimated>;

  constructor(stream: EventStream) {
    this.#known = new LRUCache({
      max: MAX_KNOWN,
      ttl: KNOWN_FOR_MS,
      fetchMethod: (_, __, { context }) => this.#turns(() => estimate(stream, context)),
    });
  }

  /** Undefined if it takes too long. Throws PolyreelError `invalid` for a batch that cannot be planned, `unavailable` without a planner. */
  async of(estimated: Estimated, signal: AbortSignal): Promise<EstimateBatchResponse | undefined> {
    const { specSha256, rebuild = false } = estimated;
    // Others may wait for the same one.
    const known = this.#known.fetch(`${specSha256} ${rebuild}`, { context: estimated });
    return (await abandonable(known, signal))?.response;
  }
}

async function estimate(stream: EventStream, { batch, rebuild = false }: Estimated): Promise<Estimate> {
  const signal = AbortSignal.timeout(LONGEST_MS);
  const request = create(EstimateBatchRequestSchema, { batch, rebuild });
  try {
    const options = { timeoutMs: 2 * LONGEST_MS, signal, field: "batch" };
    return { response: await sendRequest(stream, estimateRequest, request, options) };
  } catch (error) {
    if (signal.aborted) return { response: undefined };
    throw error;
  }
}
