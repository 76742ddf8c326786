import { SAMPLE_RATE } from "@polyreel/media/sound";
import type { Sum } from "../tally.js";
import type { PictureState, Pictures } from "./pictures.js";

/** Ends per slice. */
const MET_A_TURN = 500;

interface Member {
  readonly pictures: Pictures;
  readonly state: PictureState;
}

/**
 * Counts the distinct soundtracks of all pictures. A soundtrack is the list of its events, so those of a batch are the
 * words of an automaton whose letters are the sounds of clips, and whose epsilon transitions are silent clips. Made
 * deterministic (Rabin and Scott, "Finite Automata and Their Decision Problems", 1959), each word has exactly one path,
 * and paths are counted, not enumerated.
 */
export class Soundtracks {
  readonly #known = new Map<string, Sum>();

  *countFrom(members: readonly Member[], isSilent = true): Generator<void, Sum> {
    const key = members
      .map(({ state }) => state.id)
      .sort((a, b) => a - b)
      .join();
    const known = this.#known.get(key);
    if (known) return known;
    const whole: Member[] = [];
    const further = new Map<string, Map<number, Member>>();
    for (const member of yield* silentlyReached(members)) {
      const { pictures, state } = member;
      if (pictures.isWhole(state)) whole.push(member);
      else {
        for (const { event, next } of (yield* pictures.steps(state)).possible) {
          if (event === "") continue;
          const reached = further.get(event) ?? new Map<number, Member>();
          further.set(event, reached.set(next.id, { pictures, state: next }));
        }
      }
    }
    let { count, seconds } = yield* endsOf(whole, isSilent);
    for (const reached of further.values()) {
      const rest = yield* this.countFrom([...reached.values()], false);
      count += rest.count;
      seconds += rest.seconds;
    }
    const distinct = { count, seconds };
    this.#known.set(key, distinct);
    return distinct;
  }
}

/** The epsilon closure: these and all that can be reached without a sound. */
function* silentlyReached(members: readonly Member[]): Generator<void, Iterable<Member>> {
  const reached = new Map(members.map((member) => [member.state.id, member]));
  // Iterating over a Map includes entries added meanwhile.
  for (const { pictures, state } of reached.values()) {
    if (pictures.isWhole(state)) continue;
    for (const { event, next } of (yield* pictures.steps(state)).possible) {
      if (event === "" && !reached.has(next.id)) reached.set(next.id, { pictures, state: next });
    }
  }
  return reached.values();
}

/** The distinct continuations of voices, sounds and length after the same clips. */
function* endsOf(whole: readonly Member[], isSilent: boolean): Generator<void, Sum> {
  const distinct = new Map<string, number>();
  let met = 0;
  for (const { pictures, state } of whole) {
    for (const { samples, events } of (yield* pictures.ends(state)).ends) {
      for (const sounds of events()) {
        if (++met % MET_A_TURN === 0) yield;
        if (sounds !== "" || !isSilent) distinct.set(`${samples} ${sounds}`, samples / SAMPLE_RATE);
      }
    }
  }
  return { count: distinct.size, seconds: [...distinct.values()].reduce((sum, length) => sum + length, 0) };
}
