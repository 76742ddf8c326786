import type { SoundKind } from "./speech-sounds.js";

/** A sound that takes at least one frame. */
export interface SoundState {
  readonly kind: SoundKind;
  /** Expected length. */
  readonly frames: number;
}

/** A silence that may be skipped. */
export interface SilenceState {
  readonly kind: "silence";
  readonly skipped: number;
  readonly pause: number;
}

export type State = SoundState | SilenceState;

/** Standard deviations of the logarithm of lengths. */
const DEVIATION = 0.42;
const UNKNOWN_DEVIATION = 0.6;
/** No sound is longer than its expected length by more. */
const LONGEST = 3;
/** Longest at least, in frames: short sounds vary more. */
const LONGEST_FRAMES = 4;
/** Paths that are so much worse than the best one of their state are given up. */
const BEAM = 150;
/** About ten minutes of speech, 100 MB and a second. */
const MOST_CELLS = 10_000_000;

/** Costs of having ended a state before each frame from `first` on. */
interface Row {
  readonly first: number;
  readonly costs: Float64Array;
  /** Frames that the state takes on the best path to there. */
  readonly lengths: Int32Array;
}

/**
 * The best path through states in their order over all frames (Viterbi with explicit durations): the frame at which each
 * state starts, and at last the one at which the last ends. Undefined if there is none, or the search for it is too large.
 *
 * @param before cumulative costs of each kind of state, of one more than the frames
 */
export function pathThrough(
  states: readonly State[],
  before: Readonly<Record<State["kind"], Float64Array>>,
): number[] | undefined {
  const frames = before.silence.length - 1;
  if (states.filter(({ kind }) => kind !== "silence").length > frames) return undefined;
  const rows: Row[] = [];
  let cells = 0;
  let row: Row = { first: 0, costs: new Float64Array(1), lengths: new Int32Array(1) };
  for (const state of states) {
    const next = pruned(
      state.kind === "silence" ? afterSilence(row, state, before.silence) : afterSound(row, state, before[state.kind]),
    );
    if (!next) return undefined;
    cells += next.costs.length;
    if (cells > MOST_CELLS) return undefined;
    row = next;
    rows.push(next);
  }
  // The recording may go on after what is worth following.
  let end = Math.min(frames, row.first + row.costs.length - 1);
  const path = [end];
  for (const { first, lengths } of rows.reverse()) {
    end -= lengths[end - first] as number;
    path.push(end);
  }
  return path.reverse();
}

function afterSound({ first, costs: earlier }: Row, { kind, frames }: SoundState, before: Float64Array): Row {
  const longest = Math.max(LONGEST_FRAMES, Math.ceil(frames * LONGEST));
  const deviation = kind === "unknown" ? UNKNOWN_DEVIATION : DEVIATION;
  const lengthCosts = Float64Array.from(
    { length: longest + 1 },
    (_, length) => (Math.log(length / frames) / deviation) ** 2 / 2,
  );
  const last = Math.min(before.length - 1, first + earlier.length - 1 + longest);
  const costs = new Float64Array(Math.max(0, last - first)).fill(Infinity);
  const lengths = new Int32Array(costs.length);
  for (let end = first + 1; end <= last; end++) {
    const here = before[end] as number;
    const to = Math.min(longest, end - first);
    let least = Infinity;
    let best = 0;
    for (let length = Math.max(1, end - first - earlier.length + 1); length <= to; length++) {
      const start = end - length;
      const cost =
        (earlier[start - first] as number) + here - (before[start] as number) + (lengthCosts[length] as number);
      if (cost < least) {
        least = cost;
        best = length;
      }
    }
    costs[end - first - 1] = least;
    lengths[end - first - 1] = best;
  }
  return { first: first + 1, costs, lengths };
}

function afterSilence({ first, costs: earlier }: Row, { skipped, pause }: SilenceState, before: Float64Array): Row {
  const costs: number[] = [];
  const lengths: number[] = [];
  let least = Infinity;
  let start = 0;
  let lowest = Infinity;
  for (let end = first; end < before.length; end++) {
    const here = before[end] as number;
    const skip = (earlier[end - first] ?? Infinity) + skipped;
    const stay = least + here + pause;
    // Silence lasts as long as it is quiet.
    if (end >= first + earlier.length && stay > lowest + BEAM) break;
    costs.push(Math.min(skip, stay));
    lengths.push(stay < skip ? end - start : 0);
    lowest = Math.min(lowest, skip, stay);
    const cost = (earlier[end - first] ?? Infinity) - here;
    if (cost < least) {
      least = cost;
      start = end;
    }
  }
  return { first, costs: Float64Array.from(costs), lengths: Int32Array.from(lengths) };
}

/** Without paths that are given up; undefined if there are none. */
function pruned({ first, costs, lengths }: Row): Row | undefined {
  const most = costs.reduce((least, cost) => Math.min(least, cost), Infinity) + BEAM;
  if (most === Infinity) return undefined;
  const from = costs.findIndex((cost) => cost <= most);
  const to = costs.findLastIndex((cost) => cost <= most) + 1;
  return { first: first + from, costs: costs.slice(from, to), lengths: lengths.slice(from, to) };
}
