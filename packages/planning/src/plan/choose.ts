import { type Block, type Chosen, Sound, SoundRole, type VideoChoice } from "@polyreel/contract";
import { secondsToFrames } from "@polyreel/media/clip";
import type { Probe } from "@polyreel/media/probe";
import { requireStill, soundTrack } from "@polyreel/media/probe";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { PolyreelError } from "@polyreel/platform";
import { videoBlockNames } from "@polyreel/spec";
import type { Blueprint, Stage } from "./blueprint.js";
import { chosen } from "./identity.js";
import type { Need } from "./needs.js";
import { type Knowledge, type KnownSource, known } from "./resolved-inputs.js";
import { shownWords } from "./shown-words.js";
import { UnplacedSound } from "./sound-event.js";
import type { SourceNeed } from "./source-needs.js";
import { secondsOf, type VideoStretch, videoStretch } from "./stretch.js";
import type { PlacedClip, PlacedSound, PlacedVoice } from "./timeline.js";

/** A resolved video choice. */
export interface ChosenVideo {
  readonly placed: PlacedClip;
  readonly stretch: VideoStretch;
  readonly sha256: string;
  readonly choice: VideoChoice;
  readonly need: SourceNeed;
}

/** A block's choice with its resolved inputs. */
export type Resolved =
  | { readonly kind: "video"; readonly video: ChosenVideo }
  | { readonly kind: "voice"; readonly voice: PlacedVoice }
  | { readonly kind: "sound"; readonly sound: PlacedSound }
  /** Text, or an empty choice. */
  | { readonly kind: "other" }
  | { readonly kind: "fault"; readonly fault: PolyreelError };

/** Resolves choices, once for each choice and canvas: combinations only look them up. */
export class Chooser {
  /** By canvas, block and position. */
  readonly #resolved: readonly (readonly Resolved[][])[];
  readonly #pictures = new Map<number, string>();
  /** Order of each video block among the video blocks. */
  readonly #orders: ReadonlyMap<string, number>;

  constructor(
    private readonly blueprint: Blueprint,
    private readonly knowledge: Knowledge,
  ) {
    this.#resolved = blueprint.stages.map(() => blueprint.batch.blocks.map(() => []));
    this.#orders = new Map(videoBlockNames(blueprint.batch.blocks).map((name, order) => [name, order]));
  }

  /** A choice on a canvas, or its error, naming block and choice. */
  resolve(canvas: number, block: number, position: number): Resolved {
    const choices = this.#resolved[canvas]?.[block];
    if (!choices) throw new PolyreelError("internal", "There is no such canvas or block.");
    choices[position] ??= this.#resolve(canvas, block, position);
    return choices[position];
  }

  /** SHA-256 of the picture behind contained and transparent ones; empty: none. Throws PolyreelError `invalid`. */
  picture(canvas: number): string {
    const known = this.#pictures.get(canvas);
    if (known !== undefined) return known;
    const sha256 = picture(stageOf(this.blueprint, canvas), this.knowledge);
    this.#pictures.set(canvas, sha256);
    return sha256;
  }

  #resolve(canvas: number, index: number, position: number): Resolved {
    const { batch, needs, unreadable } = this.blueprint;
    const block = batch.blocks[index];
    if (!block) throw new PolyreelError("internal", "There is no such block.");
    const its = needs[index]?.[position] ?? [];
    try {
      return at(chosen(block, position), its, (): Resolved => {
        const fault = unreadable[index]?.[position];
        if (fault) throw fault;
        const orderOf = (name: string) => this.#orders.get(name) ?? -1;
        const { knowledge } = this;
        const used =
          video(block, position, its[0], { stage: stageOf(this.blueprint, canvas), knowledge, orderOf }) ??
          voice(block, position, its, { knowledge, orderOf }) ??
          sound(block, position, its[0], { knowledge, orderOf });
        return used ?? { kind: "other" };
      });
    } catch (error) {
      if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
      return { kind: "fault", fault: error };
    }
  }
}

export function stageOf({ stages }: Blueprint, canvas: number): Stage {
  const stage = stages[canvas];
  if (!stage) throw new PolyreelError("internal", "There is no such canvas.");
  return stage;
}

interface Known {
  readonly knowledge: Knowledge;
  readonly orderOf: (block: string) => number;
}

function video(
  block: Block,
  position: number,
  need: Need | undefined,
  { stage: { format }, knowledge, orderOf }: Known & { stage: Stage },
): Resolved | undefined {
  if (block.kind.case !== "video" || !need || need.kind === "voice") return undefined;
  const choice = block.kind.value.choices[position];
  if (!choice) return undefined;
  const { sha256, probe } = probed(knowledge, need);
  const stretch = videoStretch(choice, probe, format);
  const isAudible = (choice.sound || block.kind.value.sound) !== Sound.MUTED && !stretch.still;
  const audio = isAudible && (probe.audio || choice.track > 0) ? soundTrack(probe, choice.track) : undefined;
  const { transition } = block.kind.value;
  const event = () => ({
    input: { case: "sourceSha256" as const, value: sha256 },
    role: SoundRole.CLIP,
    inputStart: samplesOf(stretch.startSeconds),
    gainDb: choice.gainDb,
    track: audio?.track ?? 0,
  });
  const placed: PlacedClip = {
    block: block.name,
    choice: choice.label,
    order: orderOf(block.name),
    frames: stretch.frames,
    transitionFrames: transition ? secondsToFrames(secondsOf(transition.duration), format) : 0,
    ...(audio && { sound: new UnplacedSound(event(), need.origin) }),
  };
  return { kind: "video", video: { placed, stretch, sha256, choice, need } };
}

function voice(
  block: Block,
  position: number,
  needs: readonly Need[],
  { knowledge, orderOf }: Known,
): Resolved | undefined {
  const lines = needs.flatMap((need) => (need.kind === "voice" ? [need] : []));
  if (block.kind.case !== "voice" || lines.length === 0) return undefined;
  const { at: videoBlock, offset, overrun } = block.kind.value;
  const place = chosen(block, position);
  const placed: PlacedVoice = {
    ...place,
    lines: lines.map((line) => {
      const { text, recipe, translations, pauseSeconds, origin, recording } = line;
      for (const source of recording ? [recording.source, ...(recording.words ? [recording.words] : [])] : []) {
        at(place, [source], () => known(knowledge.source(source)));
      }
      const speech = known(knowledge.speech(line));
      const { hash, samples, wordsEstimated = false, language = "" } = speech;
      const words = shownWords(text, { text: recipe.text, ...speech });
      const event = { input: { case: "voiceHash" as const, value: hash }, role: SoundRole.VOICE };
      const spoken = { hash, text, samples, words, wordsEstimated, isRecorded: recording !== undefined };
      return { ...spoken, language, translations, pauseSeconds, sound: new UnplacedSound(event, origin) };
    }),
    at: orderOf(videoBlock),
    offsetSeconds: secondsOf(offset),
    overrun,
  };
  return { kind: "voice", voice: placed };
}

function sound(
  block: Block,
  position: number,
  need: Need | undefined,
  { knowledge, orderOf }: Known,
): Resolved | undefined {
  if (block.kind.case !== "audio" || !need || need.kind === "voice") return undefined;
  const { sha256, probe } = probed(knowledge, need);
  const { durationSeconds, track = 0 } = soundTrack(probe, block.kind.value.choices[position]?.track ?? 0);
  const { gainDb, duck, loop, at, delay, offset, fadeIn, fadeOut, overrun } = block.kind.value;
  const offsetSeconds = secondsOf(offset);
  if (offsetSeconds > 0 && offsetSeconds >= durationSeconds) throw beyondTheEnd(offsetSeconds, durationSeconds);
  const event = {
    input: { case: "sourceSha256" as const, value: sha256 },
    role: at ? SoundRole.EFFECT : SoundRole.BED,
    inputStart: samplesOf(offsetSeconds),
    ...{ gainDb, duck, loop, track },
  };
  const placed: PlacedSound = {
    ...chosen(block, position),
    at: at ? orderOf(at) : undefined,
    delaySeconds: secondsOf(delay),
    samples: loop ? undefined : Math.round((durationSeconds - offsetSeconds) * SAMPLE_RATE),
    overrun,
    fadeInSeconds: secondsOf(fadeIn),
    fadeOutSeconds: secondsOf(fadeOut),
    sound: new UnplacedSound(event, need.origin),
  };
  return { kind: "sound", sound: placed };
}

const samplesOf = (seconds: number): bigint => BigInt(Math.round(seconds * SAMPLE_RATE));

function picture({ picture: need, canvas }: Stage, knowledge: Knowledge): string {
  if (!need) return "";
  return at({ block: "canvas", choice: canvas.label }, [need], () => {
    const { sha256, probe } = probed(knowledge, need);
    requireStill(probe);
    return sha256;
  });
}

export function probed(knowledge: Pick<Knowledge, "source">, need: SourceNeed): KnownSource & { probe: Probe } {
  const { sha256, probe } = known(knowledge.source(need));
  if (!probe) throw new PolyreelError("internal", "Media was not probed.");
  return { sha256, probe };
}

/** Runs `use`; adds the place to errors, and the source if it is the source's fault. */
export function at<T>(place: Pick<Chosen, "block" | "choice">, needs: readonly Need[], use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof PolyreelError)) throw error;
    const [need] = needs;
    const { field, reason, remedy, code, block } = error.failure;
    if (!need || need.kind === "voice" || error.code !== "invalid" || block) throw error.at(place);
    const name = need.origin.sourceName || (need.kind === "source" ? `${need.sha256.slice(0, 12)}…` : "");
    const named = name ? `"${name}": ${reason}` : reason;
    throw new PolyreelError("invalid", { ...place, field, reason: named, remedy, code }, { cause: error });
  }
}

export const pictureless = (): PolyreelError =>
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
