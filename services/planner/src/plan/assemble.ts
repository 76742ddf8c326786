import { create } from "@bufbuild/protobuf";
import {
  type Block,
  type Chosen,
  ChosenSchema,
  type ClipRecipe,
  ClipRecipeSchema,
  ClipUseSchema,
  type Combination,
  CombinationSchema,
  Fit,
  type Origin,
  Position,
  Sound,
  type SoundRecipe,
  SoundRecipeSchema,
  type TextOverlay,
  TextOverlaySchema,
  type VideoBlock,
} from "@polyreel/contract";
import { recipeHash } from "@polyreel/media/parts/recipe-hash.js";
import { requireAudio } from "@polyreel/media/probe/require.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { shownUrl } from "../fetch/shown-url.js";
import type { Blueprint, Need } from "./blueprint.js";
import { combinationId } from "./combination-id.js";
import type { Knowledge } from "./knowledge.js";
import { secondsOf, type VideoStretch, videoStretch } from "./stretch.js";
import { type PlacedBed, type PlacedClip, type PlacedVoice, timelineOf } from "./timeline.js";

/** The encoders' builds and settings, as they stand in recipes. */
export interface Encoders {
  readonly clip: string;
  readonly sound: string;
  /** What draws texts: in recipes of clips that have some. */
  readonly text: string;
}

export interface ClipPart {
  readonly kind: "clip";
  readonly hash: string;
  readonly recipe: ClipRecipe;
  readonly origins: readonly Origin[];
}

export interface SoundPart {
  readonly kind: "sound";
  readonly hash: string;
  readonly recipe: SoundRecipe;
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

/** A combination's name, whether it can be made or not. */
export function identify({ batch }: Blueprint, positions: readonly number[], ordinal: number): Combination {
  const choices = batch.blocks.map((block, i) => chosen(block, positions[i] ?? 0));
  return create(CombinationSchema, { id: combinationId(choices), ordinal: BigInt(ordinal), choices });
}

const chosen = (block: Block, position: number): Chosen =>
  create(ChosenSchema, { block: block.name, choice: block.kind.value?.choices[position]?.label ?? "" });

/**
 * A combination as parts, from what is known; pure. Throws PolyreelError `invalid`, naming block and choice, where it can't
 * be made: the first choice, in the batch's order, that is in the way.
 */
export function assemble(
  blueprint: Blueprint,
  positions: readonly number[],
  ordinal: number,
  knowledge: Knowledge,
  encoders: Encoders,
): Assembly {
  const { batch, format } = blueprint;
  const combination = identify(blueprint, positions, ordinal);
  const choose = <T>(use: (block: Block, position: number, i: number) => T | undefined): T[] =>
    batch.blocks.flatMap((block, i) => {
      const position = positions[i] ?? 0;
      try {
        const unreadable = blueprint.unreadable[i]?.[position];
        if (unreadable) throw unreadable;
        const used = use(block, position, i);
        return used === undefined ? [] : [used];
      } catch (error) {
        throw error instanceof PolyreelError
          ? naming(blueprint.needs[i]?.[position], error).at(chosen(block, position))
          : error;
      }
    });
  const originOf = (i: number) => blueprint.needs[i]?.[positions[i] ?? 0]?.origin as Origin;

  const videos = choose((block, position, i) => {
    if (block.kind.case !== "video") return undefined;
    return video(block.name, block.kind.value, position, knowledge, format, blueprint.needs[i]?.[position]);
  });
  const voices = choose((block, position, i): PlacedVoice | undefined => {
    const need = blueprint.needs[i]?.[position];
    if (block.kind.case !== "voice" || need?.kind !== "voice") return undefined;
    const { at, offset, overrun } = block.kind.value;
    const samples = known(knowledge.speech(need.hash));
    return { hash: need.hash, samples, at, offsetSeconds: secondsOf(offset), overrun, origin: need.origin };
  });
  const beds = choose((block, position): PlacedBed | undefined => {
    if (block.kind.case !== "audio") return undefined;
    const i = batch.blocks.indexOf(block);
    const need = blueprint.needs[i]?.[position];
    if (need?.kind !== "source" && need?.kind !== "url") return undefined;
    const { sha256, probe } = known(knowledge.source(need));
    requireAudio(probe);
    const { gainDb, duck, loop } = block.kind.value;
    return { sha256, gainDb, duck, loop, origin: need.origin };
  });

  const timeline = timelineOf(
    videos.map(({ placed }) => placed),
    voices,
    beds,
    format,
  );
  const clips = videos.map(({ placed, stretch, sha256 }, i): ClipPart => {
    const texts = textsOver(placed.block, blueprint, positions);
    const recipe = create(ClipRecipeSchema, {
      sourceSha256: sha256,
      still: stretch.still,
      format,
      fit: batch.canvas?.fit === Fit.COVER ? "cover" : "contain",
      background: batch.canvas?.background ?? "",
      startMicroseconds: BigInt(Math.round(stretch.startSeconds * 1e6)),
      frames: stretch.frames,
      holdFrames: i === videos.length - 1 ? timeline.holdFrames : 0,
      texts,
      encoder: texts.length > 0 ? `${encoders.clip}/${encoders.text}` : encoders.clip,
    });
    const { block, choice } = combination.choices.find((c) => c.block === placed.block) ?? { block: "", choice: "" };
    combination.clips.push(
      create(ClipUseSchema, { hash: recipeHash("clip", ClipRecipeSchema, recipe), block, choice }),
    );
    return {
      kind: "clip",
      hash: combination.clips.at(-1)?.hash ?? "",
      recipe,
      origins: [originOf(batch.blocks.findIndex(({ name }) => name === block))],
    };
  });
  const sound = soundPart(timeline, encoders);
  combination.soundHash = sound?.hash ?? "";
  combination.fileName = `${blueprint.naming(positions, combination.id)}.mp4`;
  return { combination, clips, sound, frames: timeline.frames };
}

interface ChosenVideo {
  readonly placed: PlacedClip;
  readonly stretch: VideoStretch;
  readonly sha256: string;
}

function video(
  name: string,
  block: VideoBlock,
  position: number,
  knowledge: Knowledge,
  format: Blueprint["format"],
  need: Need | undefined,
): ChosenVideo | undefined {
  const choice = block.choices[position];
  if (!choice || (need?.kind !== "source" && need?.kind !== "url")) return undefined;
  const { sha256, probe } = known(knowledge.source(need));
  const stretch = videoStretch(choice, probe, format);
  const heard = block.sound !== Sound.MUTED && probe.audio !== undefined && !stretch.still;
  const sound = { sha256, startSeconds: stretch.startSeconds, origin: need.origin };
  return {
    placed: { block: name, frames: stretch.frames, ...(heard && { sound }) },
    stretch,
    sha256,
  };
}

function soundPart(timeline: ReturnType<typeof timelineOf>, encoders: Encoders): SoundPart | undefined {
  if (timeline.events.length === 0) return undefined;
  const recipe = create(SoundRecipeSchema, {
    samples: BigInt(timeline.samples),
    events: timeline.events.map(({ event }) => event),
    encoder: encoders.sound,
  });
  const hash = recipeHash("sound", SoundRecipeSchema, recipe);
  return { kind: "sound", hash, recipe, origins: timeline.events.map(({ origin }) => origin) };
}

const POSITIONS: Partial<Record<Position, string>> = {
  [Position.TOP]: "top",
  [Position.CENTER]: "center",
  [Position.BOTTOM]: "bottom",
};

function textsOver(videoBlock: string, { batch }: Blueprint, positions: readonly number[]): TextOverlay[] {
  return batch.blocks.flatMap((block, i) => {
    if (block.kind.case !== "text" || !block.kind.value.over.includes(videoBlock)) return [];
    const { position, size, color, box, maxWidth, choices } = block.kind.value;
    const text = choices[positions[i] ?? 0]?.text ?? "";
    if (text.trim() === "") return [];
    const overlay = {
      text,
      position: POSITIONS[position] ?? "bottom",
      size,
      color,
      boxColor: box?.color ?? "",
      maxWidth,
    };
    return [create(TextOverlaySchema, overlay)];
  });
}

/** What is wrong with a source names it: people know their files better than their labels. */
function naming(need: Need | undefined, error: PolyreelError): PolyreelError {
  if ((need?.kind !== "source" && need?.kind !== "url") || error.code !== "invalid") return error;
  const name = need.origin.sourceName || (need.kind === "source" ? `${need.sha256.slice(0, 12)}…` : shownUrl(need.url));
  const { field, reason, remedy } = error.failure;
  return new PolyreelError("invalid", { field, reason: `"${name}": ${reason}`, remedy }, { cause: error });
}

function known<T>(value: T | PolyreelError | undefined): T {
  if (value instanceof PolyreelError) throw value;
  if (value === undefined)
    throw new PolyreelError("internal", "A combination was planned before its inputs were known.");
  return value;
}
