import { type Block, type Chosen, Sound, type VideoChoice } from "@polyreel/contract";
import { secondsToFrames } from "@polyreel/media/clip/format.js";
import type { Probe } from "@polyreel/media/probe/parse.js";
import { requireAudio, requireStill } from "@polyreel/media/probe/require.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import type { Blueprint, Stage } from "./blueprint.js";
import { chosen, type Picked } from "./identity.js";
import { type Knowledge, type KnownSource, known } from "./knowledge.js";
import type { Need, SourceNeed } from "./needs.js";
import { secondsOf, type VideoStretch, videoStretch } from "./stretch.js";
import type { PlacedClip, PlacedSound, PlacedVoice } from "./timeline.js";

/** A video choice, known. */
export interface ChosenVideo {
  readonly placed: PlacedClip;
  readonly stretch: VideoStretch;
  readonly sha256: string;
  readonly choice: VideoChoice;
  readonly need: SourceNeed;
}

/** What a combination's choices are, with what is known of them put in. */
export interface Choices {
  readonly videos: readonly ChosenVideo[];
  readonly voices: readonly PlacedVoice[];
  readonly sounds: readonly PlacedSound[];
  /** Of a background picture. */
  readonly pictureSha256: string;
}

/** Throws PolyreelError `invalid`, naming block and choice, for the first choice that is in the way. */
export function choose(blueprint: Blueprint, picked: Picked, stage: Stage, knowledge: Knowledge): Choices {
  const { batch, needs, unreadable } = blueprint;
  const each = <T>(use: (block: Block, position: number, needs: readonly Need[]) => T | undefined): T[] =>
    batch.blocks.flatMap((block, i) => {
      const position = picked.positions[i] ?? 0;
      const its = needs[i]?.[position] ?? [];
      return at(chosen(block, position), its, () => {
        const fault = unreadable[i]?.[position];
        if (fault) throw fault;
        const used = use(block, position, its);
        return used === undefined ? [] : [used];
      });
    });
  const videos = each((block, position, [need]) => video(block, position, need, stage, knowledge));
  if (videos.length === 0) throw pictureless();
  return {
    videos,
    voices: each((block, _, its) => voice(block, its, knowledge)),
    sounds: each((block, _, [need]) => sound(block, need, knowledge)),
    pictureSha256: picture(stage, knowledge),
  };
}

function video(
  block: Block,
  position: number,
  need: Need | undefined,
  { format }: Stage,
  knowledge: Knowledge,
): ChosenVideo | undefined {
  if (block.kind.case !== "video" || !need || need.kind === "voice") return undefined;
  const choice = block.kind.value.choices[position];
  if (!choice) return undefined;
  const { sha256, probe } = probed(knowledge, need);
  const stretch = videoStretch(choice, probe, format);
  const heard = (choice.sound || block.kind.value.sound) !== Sound.MUTED && probe.audio && !stretch.still;
  const { transition } = block.kind.value;
  const placed: PlacedClip = {
    block: block.name,
    choice: choice.label,
    frames: stretch.frames,
    transitionFrames: transition ? secondsToFrames(secondsOf(transition.duration), format) : 0,
    ...(heard && {
      sound: { sha256, startSeconds: stretch.startSeconds, gainDb: choice.gainDb, origin: need.origin },
    }),
  };
  return { placed, stretch, sha256, choice, need };
}

function voice(block: Block, needs: readonly Need[], knowledge: Knowledge): PlacedVoice | undefined {
  const lines = needs.flatMap((need) => (need.kind === "voice" ? [need] : []));
  if (block.kind.case !== "voice" || !lines[0]) return undefined;
  const { at, offset, overrun } = block.kind.value;
  return {
    lines: lines.map((line) => {
      const { samples, words } = known(knowledge.speech(line));
      return { hash: line.hash, text: line.recipe.text, samples, words, pauseSeconds: line.pauseSeconds };
    }),
    at,
    offsetSeconds: secondsOf(offset),
    overrun,
    origin: lines[0].origin,
  };
}

function sound(block: Block, need: Need | undefined, knowledge: Knowledge): PlacedSound | undefined {
  if (block.kind.case !== "audio" || !need || need.kind === "voice") return undefined;
  const { sha256, probe } = probed(knowledge, need);
  const { durationSeconds } = requireAudio(probe);
  const { gainDb, duck, loop, at, delay, offset, fadeIn, fadeOut } = block.kind.value;
  const offsetSeconds = secondsOf(offset);
  if (offsetSeconds > 0 && offsetSeconds >= durationSeconds) throw beyondTheEnd(offsetSeconds, durationSeconds);
  return {
    sha256,
    at,
    delaySeconds: secondsOf(delay),
    offsetSeconds,
    gainDb,
    duck,
    loop,
    fadeInSeconds: secondsOf(fadeIn),
    fadeOutSeconds: secondsOf(fadeOut),
    origin: need.origin,
  };
}

function picture({ picture: need, canvas }: Stage, knowledge: Knowledge): string {
  if (!need) return "";
  return at({ block: "canvas", choice: canvas.label }, [need], () => {
    const { sha256, probe } = probed(knowledge, need);
    requireStill(probe);
    return sha256;
  });
}

function probed(knowledge: Knowledge, need: SourceNeed): KnownSource & { probe: Probe } {
  const { sha256, probe } = known(knowledge.source(need));
  if (!probe) throw new PolyreelError("internal", "Media was not probed.");
  return { sha256, probe };
}

/** Runs `use`; what goes wrong names the place, and the source where it is the source's fault. */
export function at<T>(place: Pick<Chosen, "block" | "choice">, needs: readonly Need[], use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof PolyreelError)) throw error;
    const [need] = needs;
    const { field, reason, remedy, block } = error.failure;
    if (!need || need.kind === "voice" || error.code !== "invalid" || block) throw error.at(place);
    const name = need.origin.sourceName || (need.kind === "source" ? `${need.sha256.slice(0, 12)}…` : "");
    const named = name ? `"${name}": ${reason}` : reason;
    throw new PolyreelError("invalid", { ...place, field, reason: named, remedy }, { cause: error });
  }
}

const pictureless = (): PolyreelError =>
  new PolyreelError("invalid", {
    reason: "Every video block is empty in this combination, so there is no picture.",
    remedy: "Leave such combinations out with a rule (where), or give one video block a picture in each choice.",
  });

const beyondTheEnd = (offset: number, length: number): PolyreelError =>
  new PolyreelError("invalid", {
    field: "offset",
    reason: `It would begin at ${offset.toFixed(2)} s, but is only ${length.toFixed(2)} s long.`,
    remedy: "Make the offset smaller.",
  });
