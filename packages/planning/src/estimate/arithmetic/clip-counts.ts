import type { Assembler } from "../../plan/assemble.js";
import type { ClipPart } from "../../plan/clips.js";
import { clipAbout, type PartTally } from "../tally.js";
import type { Budget } from "./budget.js";
import { product } from "./ends.js";
import type { PictureState, Pictures, Step } from "./pictures.js";

/** Totals over the ways to continue from a state; `sound…`: of those that are audible from there on. */
export interface Ways {
  readonly count: number;
  readonly frames: number;
  readonly soundCount: number;
  readonly soundFrames: number;
}

/** Counts the combinations of a scope and the uses of their clips. */
export class Combinations {
  readonly #ways = new Map<PictureState, Ways>();
  /** Number of choices that affect neither picture nor sound: texts, and empty choices. */
  readonly others: number;

  constructor(
    private readonly pictures: Pictures,
    private readonly assembler: Assembler,
    private readonly textsOver: (block: number) => readonly number[],
    private readonly budget: Budget,
  ) {
    const { options } = pictures.scope;
    this.others = options.reduce((all, some, block) => {
      const isOther = some.every(({ resolved }) => resolved.kind === "other");
      return isOther && !pictures.isVideo(block) ? all * some.length : all;
    }, 1);
  }

  /** All ways to continue from a state to complete, valid combinations. */
  *waysFrom(state: PictureState): Generator<void, Ways> {
    const known = this.#ways.get(state);
    if (known) return known;
    const ways = { count: 0, frames: 0, soundCount: 0, soundFrames: 0 };
    if (this.pictures.isWhole(state)) {
      for (const { frames, count, audible } of (yield* this.pictures.ends(state)).ends) {
        ways.count += count;
        ways.frames += count * frames;
        ways.soundCount += audible;
        ways.soundFrames += audible * frames;
      }
    } else {
      for (const { next, event } of (yield* this.pictures.steps(state)).possible) {
        const on = yield* this.waysFrom(next);
        ways.count += on.count;
        ways.frames += on.frames;
        ways.soundCount += event === "" ? on.soundCount : on.count;
        ways.soundFrames += event === "" ? on.soundFrames : on.frames;
      }
    }
    this.#ways.set(state, ways);
    return ways;
  }

  /** Counts the uses of every clip and every transition into `clips`. */
  *countClips(clips: Map<string, PartTally>): Generator<void, void> {
    let reached = new Map([[this.pictures.begin(), 1]]);
    while (reached.size > 0) {
      const further = new Map<PictureState, number>();
      for (const [state, before] of reached) {
        if (this.pictures.isWhole(state)) continue;
        for (const step of (yield* this.pictures.steps(state)).possible) {
          further.set(step.next, (further.get(step.next) ?? 0) + before);
          if (step.clip) yield* this.#countClip(state, step, before, clips);
        }
      }
      reached = further;
    }
  }

  *#countClip(state: PictureState, step: Step, before: number, clips: Map<string, PartTally>): Generator<void, void> {
    const block = this.pictures.blockOf(state);
    for (const [hold, after] of yield* this.#holds(step)) {
      yield* this.#add([{ block, step }], hold, before * after, clips);
    }
    if (!step.clip || step.clip.span.intoNext === 0) return;
    for (const { from, next, ways } of yield* this.#nextShown(step.next, 1)) {
      const pair = [
        { block, step },
        { block: this.pictures.blockOf(from), step: next },
      ];
      for (const [hold, after] of yield* this.#holds(next)) yield* this.#add(pair, hold, before * ways * after, clips);
    }
  }

  /** The clips that can follow, with the number of ways to get there without showing anything. */
  *#nextShown(state: PictureState, ways: number): Generator<void, { from: PictureState; next: Step; ways: number }[]> {
    const shown: { from: PictureState; next: Step; ways: number }[] = [];
    if (this.pictures.isWhole(state)) return shown;
    for (const next of (yield* this.pictures.steps(state)).possible) {
      if (next.clip) shown.push({ from: state, next, ways });
      else shown.push(...(yield* this.#nextShown(next.next, ways)));
    }
    return shown;
  }

  /** The hold durations of a clip in frames, each with the ways to continue from there: only the last clip is ever held. */
  *#holds({ next }: Step): Generator<void, Map<number, number>> {
    const { last } = this.pictures.scope;
    if (next.order !== last + 1) return new Map([[0, (yield* this.waysFrom(next)).count]]);
    const whole = yield* this.#whole(next);
    const holds = new Map<number, number>();
    for (const { frames, count } of (yield* this.pictures.ends(whole.state)).ends) {
      const held = frames - whole.state.start;
      holds.set(held, (holds.get(held) ?? 0) + count * whole.ways);
    }
    return holds;
  }

  /** After the last clip every block shows nothing: there is a single final state, with a number of ways to it. */
  *#whole(state: PictureState): Generator<void, { state: PictureState; ways: number }> {
    let ways = 1;
    let at = state;
    while (!this.pictures.isWhole(at)) {
      const steps = (yield* this.pictures.steps(at)).possible;
      ways *= steps.length;
      at = steps[0]?.next ?? at;
    }
    return { state: at, ways };
  }

  /** Adds the uses of a clip, or of a transition, under each of the possible texts. */
  *#add(
    shown: readonly { readonly block: number; readonly step: Step }[],
    holdFrames: number,
    uses: number,
    clips: Map<string, PartTally>,
  ): Generator<void, void> {
    if (uses === 0) return;
    const { scope, format } = this.pictures;
    const texts = [...new Set(shown.flatMap(({ block }) => this.textsOver(block)))];
    const choices = texts.map((text) => (scope.options[text] ?? []).map(({ position }) => position));
    const each = (uses * this.others) / choices.reduce((all, { length }) => all * length, 1);
    for (const positionsOfTexts of product(choices)) {
      if (this.budget.spend()) yield;
      const part = this.#part(shown, holdFrames, texts, positionsOfTexts);
      const known = clips.get(part.hash);
      if (known) known.uses += each;
      else clips.set(part.hash, { uses: each, ...clipAbout(part, format) });
    }
  }

  #part(
    shown: readonly { readonly block: number; readonly step: Step }[],
    holdFrames: number,
    texts: readonly number[],
    positionsOfTexts: readonly number[],
  ): ClipPart {
    const positions = this.pictures.scope.options.map(() => 0);
    for (const [i, text] of texts.entries()) positions[text] = positionsOfTexts[i] ?? 0;
    const videos = shown.flatMap(({ block, step: { option, clip } }) =>
      clip ? [{ block, position: option.position, video: clip.video }] : [],
    );
    const spans = shown.flatMap(({ step: { clip } }) => clip?.span ?? []);
    const picked = { positions, canvas: this.pictures.scope.canvas, ordinal: 0 };
    const parts = this.assembler.clipsOf(picked, videos, { spans, spoken: [], holdFrames });
    const part = parts[shown.length - 1]; // A transition is between the bodies of its two clips.
    if (!part) throw new Error("A clip has no part.");
    return part;
  }
}
