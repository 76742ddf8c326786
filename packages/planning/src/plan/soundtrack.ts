import { hash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { type Origin, type SoundRecipe, SoundRecipeSchema } from "@polyreel/contract";
import type { Timeline } from "./timeline.js";

/**
 * The sound of a timeline. Its recipe is built on demand: for a soundtrack that was published already, the hash
 * suffices.
 */
export class SoundPart {
  readonly kind = "sound";
  /** Same as `recipeHash`. */
  readonly hash: string;

  constructor(
    private readonly timeline: Pick<Timeline, "samples" | "events">,
    private readonly encoder: string,
    private readonly targetLufs: number,
  ) {
    this.hash = hash("sha256", `sound\n${canonicalJson(timeline, encoder, targetLufs)}`);
  }

  get recipe(): { readonly case: "sound"; readonly value: SoundRecipe } {
    const { samples, events } = this.timeline;
    const value = create(SoundRecipeSchema, {
      samples: BigInt(samples),
      events: events.map(({ sound, place }) => sound.event(place)),
      encoder: this.encoder,
      targetLufs: this.targetLufs,
    });
    return { case: "sound", value };
  }

  /** One for each event. */
  get origins(): readonly Origin[] {
    return this.timeline.events.map(({ sound }) => sound.origin);
  }
}

function canonicalJson(
  { samples, events }: Pick<Timeline, "samples" | "events">,
  encoder: string,
  targetLufs: number,
): string {
  let list = "";
  for (const { sound, place } of events) list += list === "" ? sound.json(place) : `,${sound.json(place)}`;
  const target = targetLufs === 0 ? "" : `,"targetLufs":${targetLufs}`;
  return `{"encoder":${JSON.stringify(encoder)},"events":[${list}],"samples":"${samples}"${target}}`;
}
