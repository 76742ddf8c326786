import { createHash } from "node:crypto";
import { renderedFileName, renderedPlan } from "@polyreel/contract";
import type { Layout } from "@polyreel/media/join";
import { readLayout } from "@polyreel/media/join";
import { layOutRendered, Tenants } from "@polyreel/parts";
import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import type { EventStream } from "@polyreel/platform/stream";
import { contentTypeOf } from "@polyreel/spec";
import { LRUCache } from "lru-cache";
import { type Scope, scopeKey } from "../call/call.js";
import type { ReadModel } from "../read-model/read-model.js";
import { type RenderedOutput, renderedFact, renderedOutputs } from "./find-rendered.js";

/** Limit for cached payloads per tenant: some minutes of video being watched. */
const PAYLOAD_BYTES = 64 << 20;
/** Limit for cached layouts: those of some thousand videos of 15 seconds. */
const LAYOUT_BYTES = 32 << 20;
/** A re-rendered output may be served in its previous version for this long. */
const SEQUENCE_MS = 5000;
/** Approximate memory of a segment: an object, its numbers, a reference to its hash. */
const SEGMENT_BYTES = 100;

/** An output whose bytes are generated from its parts, identical to those of a delivery. */
export interface Output {
  readonly fileName: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  /** Identifies every byte: of the header and of each part's payload, in order. */
  readonly sha256OfHashes: string;
  /** Time of its certification. */
  readonly renderedAt: Date;
  /** Bytes `start` (inclusive) to `end` (exclusive), on demand; must not be modified. */
  read(start: number, end: number): AsyncGenerator<Uint8Array>;
}

interface LaidOut {
  readonly layout: Layout;
  readonly sha256OfHashes: string;
}

type Known = LaidOut & Pick<Output, "fileName" | "contentType" | "renderedAt"> & { readonly tenant: string };

interface Deps {
  readonly model: ReadModel;
  readonly stream: EventStream;
  readonly store: Store;
}

/**
 * Outputs of all batches, virtual or written, generated from their parts. Layouts are cheap, and those of the newest
 * are cached.
 */
export class Outputs {
  readonly #tenants: Tenants;
  /** By position of the fact that names the parts. */
  readonly #known = new LRUCache<number, Known>({
    maxSize: LAYOUT_BYTES,
    sizeCalculation: ({ layout }) => layout.header.length + (1 + layout.segments.length) * SEGMENT_BYTES,
  });
  /** A player requests many ranges, and the read model may be busy with a large batch: its answers are cached briefly. */
  readonly #outputs = new LRUCache<string, readonly RenderedOutput[]>({ max: 10_000, ttl: SEQUENCE_MS });
  /** File names by position of the fact. */
  readonly #fileNames = new LRUCache<number, string>({ max: 10_000 });

  constructor(private readonly deps: Deps) {
    this.#tenants = new Tenants(deps.store, { cacheBytes: PAYLOAD_BYTES });
  }

  /**
   * An output of a combination: the one with that name or file name, the first one if none is given. Throws
   * PolyreelError `not_found` if it is not rendered, `unavailable` if a part is gone, `internal` if the layout does not
   * match its certificate.
   */
  async find(
    batchId: string,
    combinationId: string,
    scope: Scope,
    wanted: { readonly output?: string; readonly fileName?: string | undefined } = {},
  ): Promise<Output> {
    const outputs = await this.#renderedOutputs(batchId, combinationId, scope);
    // An output that was rendered since is visible immediately.
    const sequence =
      (await this.#sequenceOf(outputs, wanted)) ??
      (await this.#sequenceOf(await this.#renderedNow(batchId, combinationId, scope), wanted));
    if (sequence === undefined) throw notRendered(wanted);
    const known = this.#known.get(sequence) ?? (await this.#layOut(sequence));
    const { layout, tenant, fileName, contentType, sha256OfHashes, renderedAt } = known;
    const { parts } = this.#tenants.of(tenant);
    const forget = () => this.#known.delete(sequence);
    return {
      fileName,
      contentType,
      sizeBytes: layout.sizeBytes,
      sha256OfHashes,
      renderedAt,
      async *read(start, end) {
        try {
          yield* readLayout(layout, parts, start, end);
        } catch (error) {
          forget(); // A part that is made again may have other sizes.
          throw error;
        }
      },
    };
  }

  async #sequenceOf(
    outputs: readonly RenderedOutput[],
    { output = "", fileName }: { readonly output?: string; readonly fileName?: string | undefined },
  ): Promise<number | undefined> {
    for (const { name, sequence } of outputs) {
      if (output !== "" && output !== name) continue;
      if (fileName === undefined || fileName === (await this.#fileNameOf(sequence))) return sequence;
    }
    return undefined;
  }

  async #fileNameOf(sequence: number): Promise<string> {
    const known = this.#fileNames.get(sequence);
    if (known !== undefined) return known;
    const { fact } = await renderedFact(this.deps.stream, sequence);
    const fileName = renderedFileName(fact);
    this.#fileNames.set(sequence, fileName);
    return fileName;
  }

  async #renderedOutputs(batchId: string, combinationId: string, scope: Scope): Promise<readonly RenderedOutput[]> {
    const known = this.#outputs.get(nameOf(batchId, combinationId, scope));
    return known ?? (await this.#renderedNow(batchId, combinationId, scope));
  }

  async #renderedNow(batchId: string, combinationId: string, scope: Scope): Promise<readonly RenderedOutput[]> {
    const outputs = await renderedOutputs(this.deps.model, batchId, combinationId, scope);
    this.#outputs.set(nameOf(batchId, combinationId, scope), outputs);
    return outputs;
  }

  async #layOut(sequence: number): Promise<Known> {
    const { fact, time } = await renderedFact(this.deps.stream, sequence);
    const { tenant } = fact;
    const { layout, hashes } = await layOutRendered(fact, this.#tenants.of(tenant));
    const sha256OfHashes = createHash("sha256").update(hashes.join("\n")).digest("base64url");
    const [fileName, contentType] = [renderedFileName(fact), contentTypeOf(renderedPlan(fact))];
    const known = { layout, sha256OfHashes, tenant, fileName, contentType, renderedAt: time };
    this.#known.set(sequence, known);
    return known;
  }
}

/** Cache key; results of one scope must not be visible in another. */
const nameOf = (batchId: string, combinationId: string, scope: Scope): string =>
  `${scopeKey(scope)}/${batchId}/${combinationId}`;

const notRendered = ({ output = "" }: { readonly output?: string }): PolyreelError =>
  new PolyreelError("not_found", {
    reason:
      output === "" ? "The combination has another file name." : `No output ${JSON.stringify(output)} is rendered.`,
    remedy: "ListCombinations lists its outputs, each with its url_path.",
  });
