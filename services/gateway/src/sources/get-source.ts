import { create } from "@bufbuild/protobuf";
import {
  type Failure,
  type GetSourceResponse,
  GetSourceResponseSchema,
  ProbeQuestionSchema,
  probeRequest,
  type SourceProbe,
} from "@polyreel/contract";
import { toPolyreelError } from "@polyreel/platform";
import { type Store, scopedStore } from "@polyreel/platform/blobs";
import { type EventStream, sendRequest } from "@polyreel/platform/stream";
import type { SourceUses } from "./source-uses.js";
import { describeSource, findSource } from "./stored-source.js";

/** The first probe of a source reads it from end to end. */
const TIMEOUT_MS = 60_000;
/** Batches that a response names. */
export const MOST_NAMED = 10;

export interface GetDeps {
  readonly store: Store;
  readonly stream: EventStream;
  readonly uses: SourceUses;
}

/** One source with its probe, made by a planner. Without one, the response states why. */
export async function getSource(
  { store, stream, uses }: GetDeps,
  { tenant, sha256, withoutProbe }: { tenant: string; sha256: string; withoutProbe: boolean },
  signal: AbortSignal,
): Promise<GetSourceResponse> {
  const own = { store: scopedStore(store, tenant), tenant };
  const source = await describeSource(own, await findSource(own.store, sha256, signal), signal);
  const [probed, usedBy] = await Promise.all([
    withoutProbe ? {} : probeOf(stream, { tenant, sha256 }, signal),
    uses.usersOf(tenant, sha256, { most: MOST_NAMED }, signal),
  ]);
  return create(GetSourceResponseSchema, { source, usedBy, ...probed });
}

async function probeOf(
  stream: EventStream,
  question: { tenant: string; sha256: string },
  signal: AbortSignal,
): Promise<{ probe: SourceProbe } | { probeFailure: Failure }> {
  try {
    stream.broker.assertThere();
    const request = create(ProbeQuestionSchema, question);
    return { probe: await sendRequest(stream, probeRequest, request, { timeoutMs: TIMEOUT_MS, signal }) };
  } catch (error) {
    signal.throwIfAborted();
    return { probeFailure: toPolyreelError(error).failure };
  }
}
