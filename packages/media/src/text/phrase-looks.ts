import type { CaptionStyle } from "./caption-style.js";
import type { CaptionState } from "./captions.js";

/** Which words of a phrase are drawn, and how; words by their indices in the phrase. */
export interface WordLook {
  /** Of this many words, the first ones. */
  shown: number;
  /** Highlighted words, `end` exclusive. */
  highlighted?: WordRange;
  /** Words that are drawn at another size, around their own centre. */
  growing?: WordRange & { scale: number };
}

export interface WordRange {
  first: number;
  end: number;
}

/** How a phrase looks during an interval, in seconds of the clip. */
export interface PhraseLook extends WordLook {
  phrase: number;
  fromSeconds: number;
  toSeconds: number;
}

/** Sizes of a word that pops in, and until when after its beginning: a little too large at last, like a spring. */
const POP = [
  { toSeconds: 0.04, scale: 0.85 },
  { toSeconds: 0.08, scale: 1.04 },
];

/** The looks of captions, in order of time: consecutive ones differ, and each is drawn once. */
export function phraseLooks(states: readonly CaptionState[], style: CaptionStyle): PhraseLook[] {
  const looks: PhraseLook[] = [];
  for (const look of states.flatMap((state) => looksOf(state, style))) {
    const last = looks.at(-1);
    if (last && last.toSeconds === look.fromSeconds && isSame(last, look)) last.toSeconds = look.toSeconds;
    else looks.push(look);
  }
  return looks;
}

function looksOf(state: CaptionState, { reveal, highlight }: CaptionStyle): PhraseLook[] {
  const { phrase, words, beginning, fromSeconds, toSeconds, spokenToSeconds } = state;
  const range = { first: words - beginning, end: words };
  const steps = reveal === "pop" ? POP.map((step) => ({ ...step, toSeconds: fromSeconds + step.toSeconds })) : [];
  const changes = [...steps.map((step) => step.toSeconds), ...(highlight ? [spokenToSeconds] : [])];
  const inside = [...new Set(changes)].filter((change) => change > fromSeconds && change < toSeconds);
  const times = [fromSeconds, ...inside.sort((a, b) => a - b), toSeconds];
  return times.slice(1).map((end, i): PhraseLook => {
    const start = times[i] ?? fromSeconds;
    const step = steps.find((one) => start < one.toSeconds);
    return {
      ...{ phrase, fromSeconds: start, toSeconds: end },
      shown: reveal === "phrase" ? Number.POSITIVE_INFINITY : words,
      ...(highlight && start < spokenToSeconds && { highlighted: range }),
      ...(step && { growing: { ...range, scale: step.scale } }),
    };
  });
}

const isSame = (one: PhraseLook, other: PhraseLook): boolean =>
  one.phrase === other.phrase &&
  one.shown === other.shown &&
  one.highlighted?.first === other.highlighted?.first &&
  one.highlighted?.end === other.highlighted?.end &&
  one.growing?.first === other.growing?.first &&
  one.growing?.scale === other.growing?.scale;

/** The looks visible at some time of the stretch. */
export const looksWithin = (
  looks: readonly PhraseLook[],
  { fromSeconds, toSeconds }: { fromSeconds: number; toSeconds: number },
): PhraseLook[] => looks.filter((look) => look.fromSeconds < toSeconds && look.toSeconds > fromSeconds);
