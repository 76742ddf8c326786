import { type Failure, type Format, Overrun } from "@polyreel/contract";
import { framesToSamples, secondsToFramesUp } from "@polyreel/media/clip";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { PolyreelError } from "@polyreel/platform";
import { endOf, framesHeldFor, linesOf, type PlacedSound, soundEvent, voiceEvents } from "../../plan/timeline.js";
import type { Budget } from "./budget.js";
import type { Option } from "./scope.js";

/** A possible end of a timeline: its length as determined by voices, and its sounds besides the clips. */
export interface End {
  readonly frames: number;
  readonly samples: number;
  /** Number of combinations of voices and sounds with this end, and of those with an audible one. */
  readonly count: number;
  readonly audible: number;
  /** Voices and sounds, one text per combination. */
  readonly events: () => Generator<string>;
}

/** The possible ends of a picture, and how many combinations of voices and sounds are impossible, by reason. */
export interface Ends {
  readonly ends: readonly End[];
  readonly failures: readonly { readonly failure: Failure; readonly count: number }[];
}

/**
 * All ends of a picture of this number of frames, whose blocks begin at `startOf`. `options`: of all blocks; those that
 * show something are ignored.
 */
export function* endsOf(
  options: readonly (readonly Option[])[],
  picture: { readonly frames: number; readonly startOf: (order: number) => number },
  format: Format,
  budget: Budget,
): Generator<void, Ends> {
  const voiceBlocks = options.flatMap((some) => {
    const voices = some.map(({ resolved }) => (resolved.kind === "voice" ? resolved.voice : undefined));
    return voices.some(Boolean) ? [voices] : [];
  });
  const soundBlocks = options.flatMap((some) => {
    const sounds = some.map(({ resolved }) => (resolved.kind === "sound" ? resolved.sound : undefined));
    return sounds.some(Boolean) ? [sounds] : [];
  });
  // Sounds that extend the picture determine its length, like voices; all others fit any length.
  const holding = soundBlocks.filter((some) => some.some((sound) => sound?.overrun === Overrun.EXTEND));
  const samplesAt = (order: number, seconds: number) =>
    framesToSamples(picture.startOf(order), format) + Math.round(seconds * SAMPLE_RATE);
  const ends: End[] = [];
  const failures: Ends["failures"][number][] = [];
  const others = productOf(soundBlocks.filter((some) => !holding.includes(some)));
  for (const [voices, holders] of pairs(voiceBlocks, holding)) {
    if (budget.spend()) yield;
    const spoken = voices.flatMap((voice) =>
      voice ? [{ voice, lines: linesOf(voice, samplesAt(voice.at, voice.offsetSeconds)) }] : [],
    );
    const held = spoken.map(({ voice, lines }) =>
      voice.overrun === Overrun.EXTEND ? secondsToFramesUp(endOf(lines) / SAMPLE_RATE, format) : 0,
    );
    const heldForSounds = holders.map((sound) => (sound ? framesHeldFor(sound, startOf(sound, samplesAt), format) : 0));
    const frames = Math.max(picture.frames, ...held, ...heldForSounds);
    const samples = framesToSamples(frames, format);
    const speech = possible(() =>
      spoken
        .flatMap(({ voice, lines }) => voiceEvents(voice, lines, samples))
        .map(({ sound, place }) => sound.json(place)),
    );
    if (speech instanceof PolyreelError) {
      failures.push({ failure: speech.failure, count: others });
      continue;
    }
    const sounds: string[][] = [];
    // As in planning, the first block with an impossible sound is the reason.
    let before = 1;
    for (const [block, some] of soundBlocks.entries()) {
      const holder = holding.indexOf(some);
      const tried = holder < 0 ? some : [holders[holder]];
      const texts = tried.map((sound) => possible(() => (sound ? soundText(sound, samplesAt, samples) : "")));
      const after = productOf(soundBlocks.slice(block + 1).filter((later) => !holding.includes(later)));
      for (const text of texts) {
        if (text instanceof PolyreelError) failures.push({ failure: text.failure, count: before * after });
      }
      const audible = texts.flatMap((text) => (text instanceof PolyreelError ? [] : [text]));
      before *= audible.length;
      sounds.push(audible);
    }
    const count = before;
    if (count === 0) continue;
    const silent = sounds.reduce((all, some) => all * some.filter((text) => text === "").length, 1);
    ends.push({
      frames,
      samples,
      count,
      audible: speech.length > 0 ? count : count - silent,
      events: eventsOf(speech, sounds, budget),
    });
  }
  return { ends, failures };
}

const productOf = (some: readonly { readonly length: number }[]): number =>
  some.reduce((product, { length }) => product * length, 1);

function eventsOf(speech: readonly string[], sounds: readonly (readonly string[])[], budget: Budget) {
  return function* (): Generator<string> {
    for (const some of product(sounds)) {
      budget.spend();
      yield [...speech, ...some].filter(Boolean).join();
    }
  };
}

function soundText(sound: PlacedSound, samplesAt: (order: number, seconds: number) => number, end: number): string {
  const event = soundEvent(sound, startOf(sound, samplesAt), end);
  return event.sound.json(event.place);
}

const startOf = ({ at, delaySeconds }: PlacedSound, samplesAt: (order: number, seconds: number) => number): number =>
  at === undefined ? 0 : samplesAt(at, delaySeconds);

/** All pairs of one of the first and one of the second. */
function* pairs<A, B>(first: readonly (readonly A[])[], second: readonly (readonly B[])[]): Generator<[A[], B[]]> {
  for (const one of product(first)) for (const other of product(second)) yield [one, other];
}

/** The result, or why it is impossible. */
function possible<T>(make: () => T): T | PolyreelError {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
    return error;
  }
}

/** The Cartesian product. */
export function* product<T>(all: readonly (readonly T[])[], from = 0): Generator<T[]> {
  const some = all[from];
  if (!some) {
    yield [];
    return;
  }
  for (const first of some) for (const rest of product(all, from + 1)) yield [first, ...rest];
}
