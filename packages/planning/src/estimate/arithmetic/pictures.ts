import type { Failure, Format } from "@polyreel/contract";
import type { Blueprint } from "../../plan/blueprint.js";
import { type ChosenVideo, stageOf } from "../../plan/choose.js";
import { type ClipSpan, placeOf } from "../../plan/timeline.js";
import { tooShort } from "../../plan/timeline-mistakes.js";
import type { Budget } from "./budget.js";
import { type Ends, endsOf } from "./ends.js";
import type { Option, Scope } from "./scope.js";

/** State of a partial picture, reduced to what affects the rest. */
export interface PictureState {
  readonly id: number;
  /** The next video block. */
  readonly order: number;
  /** Start of the next clip in frames, and how much of its beginning a transition takes. */
  readonly start: number;
  readonly fromBefore: number;
  /** Starts of earlier blocks that voices and effects begin with, by order. */
  readonly begins: readonly number[];
}

/** Effect of a choice on a picture. */
export interface Step {
  readonly option: Option;
  readonly next: PictureState;
  /** The clip that is shown; undefined: none. */
  readonly clip: { readonly video: ChosenVideo; readonly span: ClipSpan } | undefined;
  /** Its sound; empty: none. */
  readonly event: string;
}

/** Effects of the choices of a block, and why others are impossible, once for each. */
export interface Steps {
  readonly possible: readonly Step[];
  readonly failures: readonly Failure[];
}

export interface PictureContext {
  readonly blueprint: Blueprint;
  readonly budget: Budget;
  /** Assigns ids to states, unique across scopes. */
  readonly nextId: () => number;
}

/**
 * All pictures of a scope as paths through states: however many combinations there are, their paths share few states,
 * because only lengths affect the rest.
 */
export class Pictures {
  readonly format: Format;
  readonly #states = new Map<string, PictureState>();
  readonly #steps = new Map<PictureState, Steps>();
  readonly #ends = new Map<PictureState, Ends>();
  /** Indices of the video blocks in the batch. */
  readonly #videos: readonly number[];
  /** Orders of the video blocks that voices and effects begin with. */
  readonly #startOrders: readonly number[];

  constructor(
    readonly scope: Scope,
    private readonly context: PictureContext,
  ) {
    const { blueprint } = context;
    this.format = stageOf(blueprint, scope.canvas).format;
    this.#videos = blueprint.batch.blocks.flatMap(({ kind }, block) => (kind.case === "video" ? [block] : []));
    const orders = scope.options.flat().flatMap(({ resolved }) => {
      if (resolved.kind === "voice") return [resolved.voice.at];
      return resolved.kind === "sound" && resolved.sound.at !== undefined ? [resolved.sound.at] : [];
    });
    this.#startOrders = [...new Set(orders)].sort((a, b) => a - b);
  }

  begin(): PictureState {
    return this.#state(0, 0, 0, []);
  }

  isWhole({ order }: PictureState): boolean {
    return order >= this.#videos.length;
  }

  isVideo(block: number): boolean {
    return this.#videos.includes(block);
  }

  /** Index in the batch of the next block. */
  blockOf({ order }: PictureState): number {
    return this.#videos[order] ?? 0;
  }

  /** Indices in the batch of the video blocks after the next one. */
  blocksAfter({ order }: PictureState): readonly number[] {
    return this.#videos.slice(order + 1);
  }

  /** The effect of each choice of the next block. */
  *steps(state: PictureState): Generator<void, Steps> {
    const known = this.#steps.get(state);
    if (known) return known;
    const possible: Step[] = [];
    const failures: Failure[] = [];
    for (const option of this.scope.options[this.blockOf(state)] ?? []) {
      if (this.context.budget.spend()) yield;
      const step = this.#step(state, option);
      if ("next" in step) possible.push(step);
      else failures.push(step);
    }
    const steps = { possible, failures };
    this.#steps.set(state, steps);
    return steps;
  }

  /** The possible ends of a complete picture. */
  *ends(state: PictureState): Generator<void, Ends> {
    const known = this.#ends.get(state);
    if (known) return known;
    // In a complete picture the next clip would begin at the end.
    const startOf = (order: number) => state.begins[this.#startOrders.indexOf(order)] ?? state.start;
    const picture = { frames: state.start, startOf };
    const ends = yield* endsOf(this.scope.options, picture, this.format, this.context.budget);
    this.#ends.set(state, ends);
    return ends;
  }

  #step(state: PictureState, option: Option): Step | Failure {
    const { order, start, fromBefore, begins } = state;
    // A block that is left out begins with the next one; those after the last clip begin at the end of the picture.
    const known = this.#startOrders.includes(order) && order <= this.scope.last ? [...begins, start] : begins;
    if (option.resolved.kind !== "video") {
      return { option, next: this.#state(order + 1, start, fromBefore, known), clip: undefined, event: "" };
    }
    const { video } = option.resolved;
    const { frames, transitionFrames, sound } = video.placed;
    const intoNext = order === this.scope.last ? 0 : transitionFrames;
    if (fromBefore + intoNext >= frames && fromBefore + intoNext > 0) {
      return tooShort(video.placed, fromBefore + intoNext).failure;
    }
    const span = { start, frames, fromBefore, intoNext };
    const next = this.#state(order + 1, start + frames - intoNext, intoNext, known);
    return { option, next, clip: { video, span }, event: sound ? sound.json(placeOf(span, this.format)) : "" };
  }

  #state(order: number, start: number, fromBefore: number, begins: readonly number[]): PictureState {
    const key = `${order} ${start} ${fromBefore} ${begins}`;
    const known = this.#states.get(key);
    if (known) return known;
    const state = { id: this.context.nextId(), order, start, fromBefore, begins };
    this.#states.set(key, state);
    return state;
  }
}
