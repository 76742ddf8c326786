import { outputFolder } from "@polyreel/contract";
import { framesToSeconds } from "@polyreel/media/clip/format.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { Pipeline } from "@polyreel/platform/nats/pipeline.js";
import type { Publisher } from "@polyreel/platform/nats/publisher.js";
import { activeTraceId, type Telemetry } from "@polyreel/platform/telemetry/telemetry.js";
import { type Assembly, assemble, type ClipPart, type Encoders, identify, type SoundPart } from "./plan/assemble.js";
import type { Blueprint } from "./plan/blueprint.js";
import { enumerate } from "./plan/enumeration.js";
import type { GrowingKnowledge } from "./plan/knowledge.js";

/** After so many combinations that need nothing said, others get a turn. */
const BREATHER = 2000;

interface Context {
  readonly batchId: string;
  readonly attempt: number;
  readonly publisher: Publisher;
  readonly telemetry: Telemetry;
  /** W3C traceparent of the submission, which combinations' traces link to. */
  readonly submittedIn: string;
  readonly signal: AbortSignal;
}

/**
 * Says a plan: parts in order of first use, each before the first combination that needs it, and one message for every
 * combination. Called once a wave; remembers which parts were said.
 */
export class PlanSpeaker {
  readonly #clips = new Set<string>();
  readonly #sounds = new Set<string>();
  #spoken = 0;
  #clipFrames = 0;
  #combinationFrames = 0;

  constructor(
    private readonly blueprint: Blueprint,
    private readonly encoders: Encoders,
    private readonly context: Context,
  ) {}

  get spoken(): number {
    return this.#spoken;
  }

  /** What `batch.planned` tells. */
  get totals() {
    const seconds = (frames: number) => framesToSeconds(frames, this.blueprint.format);
    return {
      combinations: BigInt(this.#spoken),
      clips: BigInt(this.#clips.size),
      soundtracks: BigInt(this.#sounds.size),
      clipSeconds: seconds(this.#clipFrames),
      combinationSeconds: seconds(this.#combinationFrames),
    };
  }

  /** Says the combinations that belong to the knowledge's present wave, in order. */
  async speakWave(knowledge: GrowingKnowledge): Promise<void> {
    const pipeline = new Pipeline();
    const { needs, sizes } = this.blueprint;
    let ordinal = 0;
    for (const positions of enumerate(sizes)) {
      const wave = knowledge.waveOf(positions.map((position, block) => needs[block]?.[position]));
      if (wave === knowledge.wave) {
        for (const said of this.#speakCombination(positions, ordinal, knowledge)) await pipeline.add(said);
        this.#spoken++;
      }
      if (++ordinal % BREATHER === 0) await new Promise(setImmediate);
      this.context.signal.throwIfAborted();
    }
    await pipeline.end();
  }

  /** Says that every combination fails for the same reason. */
  async speakFailure(error: PolyreelError): Promise<void> {
    const pipeline = new Pipeline();
    let ordinal = 0;
    for (const positions of enumerate(this.blueprint.sizes))
      await pipeline.add(this.#fail(positions, ordinal++, error));
    await pipeline.end();
  }

  *#speakCombination(positions: readonly number[], ordinal: number, knowledge: GrowingKnowledge) {
    let assembly: Assembly;
    try {
      assembly = assemble(this.blueprint, positions, ordinal, knowledge, this.encoders);
    } catch (error) {
      if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
      yield this.#fail(positions, ordinal, error);
      return;
    }
    for (const clip of assembly.clips) {
      if (this.#clips.has(clip.hash)) continue;
      this.#clips.add(clip.hash);
      this.#clipFrames += clip.recipe.frames + clip.recipe.holdFrames;
      yield this.#request(clip);
    }
    if (assembly.sound && !this.#sounds.has(assembly.sound.hash)) {
      this.#sounds.add(assembly.sound.hash);
      yield this.#request(assembly.sound);
    }
    this.#combinationFrames += assembly.frames;
    yield this.#plan(assembly);
  }

  #request(part: ClipPart | SoundPart): Promise<unknown> {
    const { batchId, attempt, publisher } = this.context;
    const recipe =
      part.kind === "clip"
        ? ({ case: "clip", value: part.recipe } as const)
        : ({ case: "sound", value: part.recipe } as const);
    const request = { batchId, tenant: this.#tenant, attempt, hash: part.hash, recipe, origins: [...part.origins] };
    return publisher.publish(`${part.kind}.requested`, request, { id: part.hash, attempt });
  }

  /** Each combination has a trace of its own, linked to the submission. */
  #plan({ combination }: Assembly): Promise<unknown> {
    const { batchId, attempt, publisher } = this.context;
    const folder = outputFolder(this.blueprint.batch, batchId);
    return this.#inOwnTrace("plan combination", combination.id, () =>
      publisher.publish(
        "combination.planned",
        { batchId, tenant: this.#tenant, attempt, combination, target: { folder } },
        { id: combination.id, attempt },
      ),
    );
  }

  #fail(positions: readonly number[], ordinal: number, { failure }: PolyreelError): Promise<unknown> {
    const { batchId, attempt, publisher } = this.context;
    const { id, choices } = identify(this.blueprint, positions, ordinal);
    return this.#inOwnTrace("fail combination", id, () =>
      publisher.publish(
        "combination.failed",
        {
          batchId,
          attempt,
          combinationId: id,
          ordinal: BigInt(ordinal),
          choices,
          failure,
          traceId: activeTraceId(),
        },
        { id, attempt },
      ),
    );
  }

  #inOwnTrace<T>(name: string, combinationId: string, work: () => Promise<T>): Promise<T> {
    const { batchId, telemetry, submittedIn } = this.context;
    const attributes = { "polyreel.batch.id": batchId, "polyreel.combination.id": combinationId };
    return telemetry.span(name, { parent: null, links: [submittedIn], attributes }, work);
  }

  get #tenant(): string {
    return this.blueprint.batch.tenant;
  }
}
