import type { Combination, PartRequested } from "@polyreel/contract";
import { type Platform, publishPartFailed } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import { Pipeline } from "@polyreel/platform/flow";
import { factsSoFar } from "@polyreel/platform/stream";

type Kind = "voice" | "clip" | "sound";

/**
 * Has the parts of combinations made anew, though the store has them: their requests are said again as a new attempt that
 * asks for it. What a part is made from stands in its first request.
 */
export class ForcedRebuild {
  readonly #needed: Record<Kind, Set<string>> = { voice: new Set(), clip: new Set(), sound: new Set() };

  constructor(
    private readonly batchId: string,
    private readonly attempt: number,
  ) {}

  need(combination: Combination | undefined): void {
    for (const { hash } of combination?.clips ?? []) this.#needed.clip.add(hash);
    if (combination?.soundHash) this.#needed.sound.add(combination.soundHash);
  }

  /** Asks for all that is needed, the voice lines of soundtracks included. */
  async request(platform: Platform, signal: AbortSignal): Promise<void> {
    const voicesOf = ({ recipe }: PartRequested) => {
      if (recipe.case !== "sound") return;
      for (const { input } of recipe.value.events) if (input.case === "voiceHash") this.#needed.voice.add(input.value);
    };
    await this.#ask("clip", platform, signal);
    await this.#ask("sound", platform, signal, voicesOf);
    await this.#ask("voice", platform, signal);
  }

  async #ask(
    kind: Kind,
    { stream, publisher }: Platform,
    signal: AbortSignal,
    asked: (request: PartRequested) => void = () => {},
  ): Promise<void> {
    const { batchId, attempt } = this;
    const open = this.#needed[kind];
    const pipeline = new Pipeline();
    if (open.size > 0) {
      for await (const { fact } of factsSoFar(stream, `${kind}.requested`, batchId, { signal })) {
        if (!open.delete(fact.hash)) continue;
        asked(fact);
        const request = { ...fact, attempt, force: true };
        await pipeline.add(publisher.publish(`${kind}.requested`, request, { id: fact.hash, attempt }));
        if (open.size === 0) break;
      }
    }
    // Combinations wait for clips and soundtracks: they must hear of those that will not come.
    const { failure } = new PolyreelError("precondition", {
      reason: "What a part was made from is no longer in the event stream.",
      remedy: SUBMIT,
    });
    if (kind !== "voice") {
      for (const hash of open) {
        await pipeline.add(publishPartFailed(publisher, kind, { batchId, attempt, hash }, failure, `${hash}.anew`));
      }
    }
    await pipeline.end();
  }
}

const SUBMIT = "Submit the batch again, or replay it without force.";
