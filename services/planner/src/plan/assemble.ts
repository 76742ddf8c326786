import { create } from "@bufbuild/protobuf";
import {
  ClipUseSchema,
  type Combination,
  type Origin,
  type SoundRecipe,
  SoundRecipeSchema,
  videoBlockNames,
} from "@polyreel/contract";
import { recipeHash } from "@polyreel/media/parts/recipe-hash.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import type { Blueprint } from "./blueprint.js";
import { choose } from "./choose.js";
import { type ClipPart, clipParts, type Encoders, type ShownClip } from "./clips.js";
import { identify, type Picked } from "./identity.js";
import type { Knowledge } from "./knowledge.js";
import { textsOver } from "./texts.js";
import { type Timeline, timelineOf } from "./timeline.js";

export interface SoundPart {
  readonly kind: "sound";
  readonly hash: string;
  readonly recipe: { readonly case: "sound"; readonly value: SoundRecipe };
  /** One for each event. */
  readonly origins: readonly Origin[];
}

/** A combination with the parts it is joined from. */
export interface Assembly {
  readonly combination: Combination;
  readonly clips: readonly ClipPart[];
  readonly sound: SoundPart | undefined;
  readonly frames: number;
}

/**
 * A combination as parts, from what is known; pure. Throws PolyreelError `invalid`, naming block and choice, where it can't
 * be made: the first choice, in the batch's order, that is in the way.
 */
export function assemble(blueprint: Blueprint, picked: Picked, knowledge: Knowledge, encoders: Encoders): Assembly {
  const { batch, stages, needs, naming } = blueprint;
  const stage = stages[picked.canvas];
  if (!stage) throw new PolyreelError("internal", "There is no such canvas.");
  const combination = identify(blueprint, picked);
  const { videos, voices, sounds, pictureSha256 } = choose(blueprint, picked, stage, knowledge);
  const placed = videos.map((video) => video.placed);
  const timeline = timelineOf(placed, voices, sounds, videoBlockNames(batch.blocks), stage.format);
  const shown = videos.map((video, i): ShownClip => {
    const span = timeline.spans[i];
    if (!span) throw new PolyreelError("internal", "A clip has no place in the timeline.");
    const block = batch.blocks.find(({ name }) => name === video.placed.block);
    return {
      video,
      span,
      texts: textsOver(
        video.placed.block,
        span,
        { batch, picked, format: stage.format },
        needs,
        timeline.spoken,
        knowledge,
      ),
      transition: block?.kind.case === "video" ? block.kind.value.transition : undefined,
      holdFrames: i === videos.length - 1 ? timeline.holdFrames : 0,
    };
  });
  const clips = clipParts(shown, stage, pictureSha256, encoders);
  const sound = soundPart(timeline, encoders);
  combination.clips = clips.map(({ hash, block, choice }) => create(ClipUseSchema, { hash, block, choice }));
  combination.soundHash = sound?.hash ?? "";
  combination.fileName = `${naming(picked, combination.id)}.mp4`;
  return { combination, clips, sound, frames: timeline.frames };
}

function soundPart(timeline: Timeline, encoders: Encoders): SoundPart | undefined {
  if (timeline.events.length === 0) return undefined;
  const value = create(SoundRecipeSchema, {
    samples: BigInt(timeline.samples),
    events: timeline.events.map(({ event }) => event),
    encoder: encoders.sound,
  });
  const hash = recipeHash("sound", SoundRecipeSchema, value);
  const origins = timeline.events.map(({ origin }) => origin);
  return { kind: "sound", hash, recipe: { case: "sound", value }, origins };
}
