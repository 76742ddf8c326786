import { deliveriesIn, deliveryMessageId, fullMask, shortCount, type Target } from "@polyreel/contract";
import { framesToSeconds } from "@polyreel/media/clip";
import { DigestCounts } from "@polyreel/parts";
import { publishCombinationFailed } from "@polyreel/pipeline";
import type {
  Blueprint,
  ClipPart,
  Encoders,
  ImagePart,
  Need,
  RenditionPart,
  ResolvedInputs,
  SoundPart,
} from "@polyreel/planning/plan";
import {
  Assembler,
  type Assembly,
  identify,
  OutputPlanner,
  type Picked,
  partsOfFile,
  sharedNeeds,
} from "@polyreel/planning/plan";
import { PolyreelError } from "@polyreel/platform";
import { Pipeline } from "@polyreel/platform/flow";
import type { Publisher, serverOf } from "@polyreel/platform/stream";
import { SpanKind, type Telemetry } from "@polyreel/platform/telemetry";
import { deliveriesOf } from "@polyreel/spec";
import type { Selection, Waves } from "@polyreel/spec/selection";
import { isPublished } from "./published-in-attempt.js";

/** Combinations after which the event loop gets a turn, even without any wait. */
const BREATHER = 2000;
const WAVE = "publish polyreel.combination.planned";
/** https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
const PUBLISHING = {
  "messaging.system": "nats",
  "messaging.operation.type": "send",
  "messaging.operation.name": "publish",
  "messaging.destination.name": "polyreel.combination.planned",
};

interface Context {
  readonly batchId: string;
  readonly attempt: number;
  /** Targets of the deliveries, by number. */
  readonly targets: readonly Target[];
  /** Masks of planned deliveries by ordinal; all if omitted, or 0n. */
  readonly only?: ReadonlyMap<number, bigint> | undefined;
  /** Masks of deliveries published before a crash, likewise: they are counted, but not published again. */
  readonly published?: ReadonlyMap<number, bigint> | undefined;
  readonly publisher: Publisher;
  readonly telemetry: Telemetry;
  /** Of the event stream, as attributes of spans. */
  readonly server?: ReturnType<typeof serverOf>;
  /** W3C traceparents that combinations' traces link to: of the submission, and of the request to resume. */
  readonly links: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Publishes a plan: parts in order of first use, each before the first combination that needs it, and one message for
 * each combination. Called once per wave; remembers published parts.
 */
export class PlanPublisher {
  readonly #assembler: Assembler;
  readonly #outputs: OutputPlanner;
  /** The output of each delivery. */
  readonly #outputOf: readonly number[];
  readonly #clips = new DigestCounts();
  readonly #sounds = new DigestCounts();
  readonly #files = { image: new DigestCounts(), rendition: new DigestCounts() };
  #published = 0;
  #clipSeconds = 0;
  #combinationSeconds = 0;

  constructor(
    private readonly blueprint: Blueprint,
    private readonly selection: Pick<Selection, "combinations">,
    private readonly knowledge: ResolvedInputs,
    encoders: Encoders,
    private readonly context: Context,
  ) {
    this.#assembler = new Assembler(blueprint, knowledge, encoders);
    this.#outputs = new OutputPlanner(blueprint.batch, context.targets);
    this.#outputOf = deliveriesOf(blueprint.batch).map(({ output }) => output);
  }

  get published(): number {
    return this.#published;
  }

  /** Totals of `batch.planned`. */
  get totals() {
    return {
      combinations: BigInt(this.#published),
      clips: BigInt(this.#clips.size),
      soundtracks: BigInt(this.#sounds.size),
      renditions: BigInt(this.#files.rendition.size),
      clipSeconds: this.#clipSeconds,
      combinationSeconds: this.#combinationSeconds,
      deliveries: BigInt(this.#published * this.#outputOf.length),
    };
  }

  /** How often combinations use those parts that several of them share, for `countIn`. */
  get uses(): Uint8Array {
    const { image, rendition } = this.#files;
    return Buffer.concat([this.#clips, this.#sounds, image, rendition].map((counts) => counts.repeated()));
  }

  /**
   * Publishes the combinations whose inputs are known as of the current wave, in order. A wave is one producer span: one for
   * each message would cost more than the message.
   */
  publishWave(): Promise<void> {
    const { batchId, telemetry, server } = this.context;
    const attributes = { ...PUBLISHING, ...server, "polyreel.batch.id": batchId };
    return telemetry.span(WAVE, { kind: SpanKind.PRODUCER, attributes }, async (span) => {
      const before = this.#published;
      await this.#publishWave();
      span.setAttribute("messaging.batch.message_count", this.#published - before);
    });
  }

  async #publishWave(): Promise<void> {
    const pipeline = new Pipeline();
    for (const picked of this.selection.combinations(this.#waves())) {
      for (const publishing of this.#publishCombination(picked)) await pipeline.add(publishing);
      if (++this.#published % BREATHER === 0) await new Promise(setImmediate);
      this.context.signal.throwIfAborted();
    }
    await pipeline.end();
  }

  #waves(): Waves {
    const { needs } = this.blueprint;
    const waveOf = (its: readonly Need[]) => this.knowledge.waveOf(its) ?? Number.POSITIVE_INFINITY;
    return {
      now: this.knowledge.wave,
      choice: (block, position) => waveOf(needs[block]?.[position] ?? []),
      canvas: (canvas) => waveOf(sharedNeeds(this.blueprint, canvas)),
    };
  }

  /** Publishes every combination as failed for the same reason. */
  async publishFailure(error: PolyreelError): Promise<void> {
    const pipeline = new Pipeline();
    for (const picked of this.selection.combinations()) {
      await pipeline.add(this.#fail(picked, error));
      this.#published++;
    }
    await pipeline.end();
  }

  *#publishCombination(picked: Picked) {
    let assembly: Assembly;
    try {
      assembly = this.#assembler.assemble(picked);
    } catch (error) {
      if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
      yield this.#fail(picked, error);
      return;
    }
    const { clips, sound, files, format, frames } = assembly;
    for (const clip of clips) {
      if (this.#clips.add(clip.hash) > 1) continue;
      this.#clipSeconds += format ? framesToSeconds(clip.frames, format) : 0;
      yield this.#request(clip);
    }
    if (sound && this.#sounds.add(sound.hash) === 1) yield this.#request(sound);
    for (const [output, file] of files.entries()) {
      if (!file || !this.#isWanted(output, assembly)) continue;
      for (const part of partsOfFile(file)) if (this.#files[part.kind].add(part.hash) === 1) yield this.#request(part);
    }
    this.#combinationSeconds += format ? framesToSeconds(frames, format) : 0;
    yield this.#plan(assembly);
  }

  /** Whether an output has a delivery that is planned now. */
  #isWanted(output: number, { combination }: Assembly): boolean {
    const mask = this.#maskOf(combination.ordinal);
    return (
      mask === 0n || this.#outputOf.some((delivery, i) => delivery === output && ((mask >> BigInt(i)) & 1n) === 1n)
    );
  }

  #request(part: ClipPart | SoundPart | ImagePart | RenditionPart): Promise<unknown> {
    const { batchId, attempt, publisher } = this.context;
    const { hash, recipe } = part;
    const textOrigins = part.kind === "clip" ? [...part.textOrigins] : [];
    const request = { batchId, tenant: this.#tenant, attempt, hash, recipe, origins: [...part.origins], textOrigins };
    return publisher.publish(`${part.kind}.requested`, request, { id: part.hash, attempt });
  }

  /** Each combination has its own trace, linked to the submission. */
  #plan(assembly: Assembly): Promise<unknown> {
    const { batchId, attempt, publisher } = this.context;
    const { combination } = assembly;
    const mask = this.#maskOf(combination.ordinal);
    if (this.#isPublished(combination.ordinal, mask)) return Promise.resolve();
    const outputs = this.#outputs.plans(assembly, mask);
    const deliveryCount = shortCount(this.#outputOf.length);
    return this.#inOwnTrace("plan combination", combination.id, () =>
      publisher.publish(
        "combination.planned",
        { batchId, tenant: this.#tenant, attempt, combination, outputs, deliveryCount },
        { id: this.#messageId(combination.id, mask), attempt },
      ),
    );
  }

  #fail(picked: Picked, { failure }: PolyreelError): Promise<unknown> {
    const { batchId, attempt, targets, publisher } = this.context;
    const { id, choices, ordinal } = identify(this.blueprint, picked);
    const mask = this.#maskOf(ordinal);
    if (this.#isPublished(ordinal, mask)) return Promise.resolve();
    const combination = { id, choices, ordinal };
    const deliveries = { targets, mask, deliveryCount: this.#outputOf.length };
    return this.#inOwnTrace("fail combination", id, () =>
      publishCombinationFailed(publisher, { batchId, attempt, combination, ...deliveries, failure }),
    );
  }

  #isPublished(ordinal: bigint, mask: bigint): boolean {
    const { published } = this.context;
    return published !== undefined && isPublished(published, Number(ordinal), mask);
  }

  /** 0n: all deliveries. */
  #maskOf(ordinal: bigint): bigint {
    const mask = this.context.only?.get(Number(ordinal)) ?? 0n;
    return mask === 0n ? mask : mask & fullMask(this.#outputOf.length);
  }

  #messageId = (combinationId: string, mask: bigint): string =>
    deliveryMessageId(combinationId, mask === 0n ? 0 : (deliveriesIn(mask, this.#outputOf.length)[0] ?? 0));

  #inOwnTrace<T>(name: string, combinationId: string, work: () => Promise<T>): Promise<T> {
    const { batchId, telemetry, links } = this.context;
    const attributes = { "polyreel.batch.id": batchId, "polyreel.combination.id": combinationId };
    return telemetry.span(name, { parent: null, links, attributes }, work);
  }

  get #tenant(): string {
    return this.blueprint.batch.tenant;
  }
}
