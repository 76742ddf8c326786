import { createHash } from "node:crypto";
import type { Certificate, CombinationRendered, PartIndex } from "@polyreel/contract";
import { type Layout, layOut } from "@polyreel/media/join/layout.js";
import type { ClipPart, SoundPart } from "@polyreel/media/join/parts.js";
import { readLayout } from "@polyreel/media/join/read.js";
import { tagsOf } from "@polyreel/media/join/tags.js";
import type { PartStore } from "@polyreel/media/parts/part-store.js";
import { Tenants } from "@polyreel/media/parts/tenants.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import type { Store } from "@polyreel/platform/store/store.js";
import { LRUCache } from "lru-cache";
import { type Scope, scopeKey } from "../call/call.js";
import type { ReadModel } from "../read-model/read-model.js";
import { renderedFact, renderedSequence } from "./find-rendered.js";

/** Payloads kept in memory, of each tenant: some minutes of video that somebody watches. */
const PAYLOAD_BYTES = 64 << 20;
/** Layouts kept in memory: those of some thousand videos of a quarter of a minute. */
const LAYOUT_BYTES = 32 << 20;
/** An output that was rendered again is served as it was for so long at most. */
const SEQUENCE_MS = 5000;
/** What a segment takes in memory, about: an object, its numbers, a reference to its hash. */
const SEGMENT_BYTES = 100;

/** An output whose bytes are told from its parts: the same as are written where it is delivered. */
export interface Output {
  readonly fileName: string;
  readonly sizeBytes: number;
  /** Fixes every byte: of the header and of each part's payload, in their order. */
  readonly sha256OfHashes: string;
  /** When it was certified. */
  readonly renderedAt: Date;
  /** Bytes `start` (included) to `end` (not included), as they are asked for; don't write into them. */
  read(start: number, end: number): AsyncGenerator<Buffer>;
}

interface LaidOut {
  readonly layout: Layout;
  readonly sha256OfHashes: string;
}

type Known = LaidOut & Pick<Output, "fileName" | "renderedAt"> & { readonly tenant: string };

interface Deps {
  readonly model: ReadModel;
  readonly stream: EventStream;
  readonly store: Store;
}

/** Outputs of all batches, virtual or written, from the parts. Layouts cost little, and of the newest not even that. */
export class Outputs {
  readonly #tenants: Tenants;
  /** By position of the fact that names the parts. */
  readonly #known = new LRUCache<number, Known>({
    maxSize: LAYOUT_BYTES,
    sizeCalculation: ({ layout }) => layout.header.length + layout.segments.length * SEGMENT_BYTES,
  });
  /** A player asks for many ranges, and the read model may be busy with a large batch: it is asked once in a while. */
  readonly #sequences = new LRUCache<string, number>({ max: 10_000, ttl: SEQUENCE_MS });

  constructor(private readonly deps: Deps) {
    this.#tenants = new Tenants(deps.store, { cacheBytes: PAYLOAD_BYTES });
  }

  /**
   * Throws PolyreelError `not_found` for what is not rendered, `unavailable` where a part is gone, `internal` where the
   * layout is not the certified one.
   */
  async find(batchId: string, combinationId: string, scope: Scope): Promise<Output> {
    const sequence = await this.#sequenceOf(batchId, combinationId, scope);
    const known = this.#known.get(sequence) ?? (await this.#layOut(sequence));
    const { layout, tenant, fileName, sha256OfHashes, renderedAt } = known;
    const { parts } = this.#tenants.of(tenant);
    const forget = () => this.#known.delete(sequence);
    return {
      fileName,
      sizeBytes: layout.sizeBytes,
      sha256OfHashes,
      renderedAt,
      async *read(start, end) {
        try {
          yield* readLayout(layout, parts, start, end);
        } catch (error) {
          forget(); // a part that is made again may have other sizes
          throw error;
        }
      },
    };
  }

  async #sequenceOf(batchId: string, combinationId: string, scope: Scope): Promise<number> {
    const name = `${scopeKey(scope)}/${batchId}/${combinationId}`; // what one scope has found, another has not
    const known = this.#sequences.get(name);
    if (known !== undefined) return known;
    const sequence = await renderedSequence(this.deps.model, batchId, combinationId, scope);
    this.#sequences.set(name, sequence);
    return sequence;
  }

  async #layOut(sequence: number): Promise<Known> {
    const { fact, time } = await renderedFact(this.deps.stream, sequence);
    const { tenant } = fact;
    const laidOut = await layOutAgain(fact, this.#tenants.of(tenant).parts);
    const known = { ...laidOut, tenant, fileName: fact.combination?.fileName ?? "", renderedAt: time };
    this.#known.set(sequence, known);
    return known;
  }
}

async function layOutAgain({ combination, certificate }: CombinationRendered, parts: PartStore): Promise<LaidOut> {
  if (!combination || !certificate)
    throw new PolyreelError("internal", "A rendered combination lacks its certificate.");
  const hashes: string[] = [];
  const indexOf = async <K extends "clip" | "sound">(kind: K, hash: string) => {
    const index = (await parts.index(kind, hash)) ?? lost();
    hashes.push(index.payloadSha256);
    return index.kind.value as Extract<PartIndex["kind"], { case: K }>["value"];
  };
  const clips: ClipPart[] = [];
  for (const { hash } of combination.clips) clips.push({ hash, index: await indexOf("clip", hash) });
  const { soundHash: hash } = combination;
  const sound: SoundPart | undefined = hash ? { hash, index: await indexOf("sound", hash) } : undefined;
  const layout = layOut(clips, sound, tagsOf(combination));
  hashes.unshift(certified(layout, certificate));
  return { layout, sha256OfHashes: createHash("sha256").update(hashes.join("\n")).digest("base64url") };
}

/** The header's hash, where it is the one that was certified. */
function certified({ header }: Layout, { headerSha256 }: Certificate): string {
  if (createHash("sha256").update(header).digest("hex") === headerSha256) return headerSha256;
  throw new PolyreelError("internal", {
    reason: "The output is not the one that was certified.",
    remedy: "Let all services run the same release, and replay the batch: its outputs are certified anew.",
  });
}

function lost(): never {
  throw new PolyreelError("unavailable", {
    reason: "A part of this video is no longer in the store.",
    remedy: "Replay the batch: what is missing is made again.",
  });
}
