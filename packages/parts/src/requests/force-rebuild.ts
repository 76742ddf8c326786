import { type Combination, type OutputPlan, perKind, type RequestedKind, requestedKinds } from "@polyreel/contract";
import { type Platform, publishPartFailed } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import { Pipeline } from "@polyreel/platform/flow";
import { factsSoFar } from "@polyreel/platform/stream";
import {
  type FileKind,
  type JoinedKind,
  type PartRef,
  partsIn,
  partsOfJoin,
  partsOfOutput,
} from "../kinds/media-ref.js";
import { inputsOf } from "../kinds/recipes.js";

/** A part that a combination or its outputs name. */
type NamedPart = PartRef<JoinedKind | FileKind>;

type Streams = Pick<Platform, "stream" | "publisher">;

/**
 * Rebuilds the parts of combinations even if the store has them: their requests are published again as a new attempt, with
 * `force`. The inputs of a part are in its first request.
 */
export class ForcedRebuild {
  /** Parts that combinations and their outputs name and wait for. */
  readonly #needed = new Map<string, NamedPart>();
  /** Hashes of parts still to be requested. */
  readonly #open = perKind(() => new Set<string>());
  readonly #requested = new Set<string>();

  constructor(
    private readonly batchId: string,
    private readonly attempt: number,
  ) {}

  /** `outputs`: those to make. */
  need(combination: Combination | undefined, outputs: readonly Pick<OutputPlan, "operation">[] = []): void {
    const joined: NamedPart[] = combination ? partsOfJoin(combination) : [];
    for (const part of [...joined, ...outputs.flatMap(partsOfOutput)]) {
      this.#needed.set(keyOf(part), part);
      this.#open[part.kind].add(part.hash);
    }
  }

  /** Requests all needed parts, including those that other parts are made from. */
  async request(platform: Streams, signal: AbortSignal): Promise<void> {
    for (let kind = this.#next(); kind; kind = this.#next()) await this.#request(kind, platform, signal);
    const lost = [...this.#needed].flatMap(([key, part]) => (this.#requested.has(key) ? [] : part));
    await this.#failLost(lost, platform);
  }

  #next = (): RequestedKind | undefined => requestedKinds.find((kind) => this.#open[kind].size > 0);

  async #request(kind: RequestedKind, { stream, publisher }: Streams, signal: AbortSignal): Promise<void> {
    const { batchId, attempt } = this;
    const open = this.#open[kind];
    this.#open[kind] = new Set();
    const pipeline = new Pipeline();
    for await (const { fact } of factsSoFar(stream, `${kind}.requested`, batchId, { signal })) {
      if (!open.delete(fact.hash)) continue;
      this.#requested.add(keyOf({ kind, hash: fact.hash }));
      for (const part of partsIn(inputsOf(fact)))
        if (!this.#requested.has(keyOf(part))) this.#open[part.kind].add(part.hash);
      const request = { ...fact, attempt, force: true };
      await pipeline.add(publisher.publish(`${kind}.requested`, request, { id: fact.hash, attempt }));
      if (open.size === 0) break;
    }
    await pipeline.end();
  }

  /** Publishes the failure of parts that combinations wait for, and that cannot be requested. */
  async #failLost(lost: readonly NamedPart[], { publisher }: Streams): Promise<void> {
    const { batchId, attempt } = this;
    const { failure } = new PolyreelError("precondition", {
      reason: "The request for a part is no longer in the event stream.",
      remedy: "Submit the batch again, or replay it without force.",
    });
    const pipeline = new Pipeline();
    for (const { kind, hash } of lost) {
      await pipeline.add(publishPartFailed(publisher, kind, { batchId, attempt, hash }, failure, `${hash}.anew`));
    }
    await pipeline.end();
  }
}

const keyOf = ({ kind, hash }: PartRef): string => `${kind} ${hash}`;
