import type { Format, Selection } from "@polyreel/contract";
import { framesToSeconds } from "@polyreel/media/clip/format.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { Pipeline } from "@polyreel/platform/nats/pipeline.js";
import type { Publisher } from "@polyreel/platform/nats/publisher.js";
import { activeTraceId, type Telemetry } from "@polyreel/platform/telemetry/telemetry.js";
import { type Assembly, assemble, type SoundPart } from "./plan/assemble.js";
import { type Blueprint, needsOfPicked } from "./plan/blueprint.js";
import type { ClipPart, Encoders } from "./plan/clips.js";
import { identify, type Picked } from "./plan/identity.js";
import type { GrowingKnowledge } from "./plan/knowledge.js";
import { picturesOf } from "./plan/pictures.js";

/** After so many combinations that need nothing said, others get a turn. */
const BREATHER = 2000;

interface Context {
  readonly batchId: string;
  readonly attempt: number;
  /** Where outputs go. */
  readonly folder: string;
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
  #clipSeconds = 0;
  #combinationSeconds = 0;

  constructor(
    private readonly blueprint: Blueprint,
    private readonly selection: Pick<Selection, "combinations">,
    private readonly encoders: Encoders,
    private readonly context: Context,
  ) {}

  get spoken(): number {
    return this.#spoken;
  }

  /** What `batch.planned` tells. */
  get totals() {
    return {
      combinations: BigInt(this.#spoken),
      clips: BigInt(this.#clips.size),
      soundtracks: BigInt(this.#sounds.size),
      clipSeconds: this.#clipSeconds,
      combinationSeconds: this.#combinationSeconds,
    };
  }

  /** Says the combinations that belong to the knowledge's present wave, in order. */
  async speakWave(knowledge: GrowingKnowledge): Promise<void> {
    const pipeline = new Pipeline();
    for (const picked of this.selection.combinations()) {
      if (knowledge.waveOf(needsOfPicked(this.blueprint, picked)) === knowledge.wave) {
        for (const said of this.#speakCombination(picked, knowledge)) await pipeline.add(said);
        this.#spoken++;
      }
      if (picked.ordinal % BREATHER === BREATHER - 1) await new Promise(setImmediate);
      this.context.signal.throwIfAborted();
    }
    await pipeline.end();
  }

  /** Says that every combination fails for the same reason. */
  async speakFailure(error: PolyreelError): Promise<void> {
    const pipeline = new Pipeline();
    for (const picked of this.selection.combinations()) {
      await pipeline.add(this.#fail(picked, error));
      this.#spoken++;
    }
    await pipeline.end();
  }

  *#speakCombination(picked: Picked, knowledge: GrowingKnowledge) {
    let assembly: Assembly;
    try {
      assembly = assemble(this.blueprint, picked, knowledge, this.encoders);
    } catch (error) {
      if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
      yield this.#fail(picked, error);
      return;
    }
    for (const clip of assembly.clips) {
      if (this.#clips.has(clip.hash)) continue;
      this.#clips.add(clip.hash);
      this.#clipSeconds += framesToSeconds(clip.frames, this.#format(picked));
      yield this.#request(clip);
    }
    if (assembly.sound && !this.#sounds.has(assembly.sound.hash)) {
      this.#sounds.add(assembly.sound.hash);
      yield this.#request(assembly.sound);
    }
    this.#combinationSeconds += framesToSeconds(assembly.frames, this.#format(picked));
    yield this.#plan(assembly, this.#format(picked));
  }

  #request(part: ClipPart | SoundPart): Promise<unknown> {
    const { batchId, attempt, publisher } = this.context;
    const { hash, recipe } = part;
    const textOrigins = part.kind === "clip" ? [...part.textOrigins] : [];
    const request = { batchId, tenant: this.#tenant, attempt, hash, recipe, origins: [...part.origins], textOrigins };
    return publisher.publish(`${part.kind}.requested`, request, { id: part.hash, attempt });
  }

  /** Each combination has a trace of its own, linked to the submission. */
  #plan({ combination, frames }: Assembly, format: Format): Promise<unknown> {
    const { batchId, attempt, folder, publisher } = this.context;
    const { batch } = this.blueprint;
    const [output] = batch.outputs;
    const target = { folder, pictures: picturesOf(output, frames, format), virtual: output?.virtual ?? false };
    return this.#inOwnTrace("plan combination", combination.id, () =>
      publisher.publish(
        "combination.planned",
        { batchId, tenant: this.#tenant, attempt, combination, target },
        { id: combination.id, attempt },
      ),
    );
  }

  #fail(picked: Picked, { failure }: PolyreelError): Promise<unknown> {
    const { batchId, attempt, publisher } = this.context;
    const { id, choices, ordinal } = identify(this.blueprint, picked);
    return this.#inOwnTrace("fail combination", id, () =>
      publisher.publish(
        "combination.failed",
        {
          batchId,
          attempt,
          combinationId: id,
          ordinal,
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

  #format({ canvas }: Picked): Format {
    const stage = this.blueprint.stages[canvas];
    if (!stage) throw new PolyreelError("internal", "There is no such canvas.");
    return stage.format;
  }

  get #tenant(): string {
    return this.blueprint.batch.tenant;
  }
}
