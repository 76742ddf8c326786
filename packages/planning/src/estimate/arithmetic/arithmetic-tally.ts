import { framesToSeconds } from "@polyreel/media/clip";
import { PolyreelError } from "@polyreel/platform";
import { neededBy } from "@polyreel/spec";
import { Assembler } from "../../plan/assemble.js";
import type { Blueprint } from "../../plan/blueprint.js";
import { Chooser, stageOf } from "../../plan/choose.js";
import type { Encoders } from "../../plan/clips.js";
import type { Knowledge } from "../../plan/resolved-inputs.js";
import { isTimedText } from "../../plan/text-times.js";
import type { PartialKnowledge } from "../certain-failures.js";
import { FailureCounts } from "../failure-counts.js";
import { inTurns } from "../in-turns.js";
import { type PartTally, type Tally, voiceAbout } from "../tally.js";
import { Budget, TooEntangled } from "./budget.js";
import { Combinations } from "./clip-counts.js";
import { countFailures } from "./count-failures.js";
import { Pictures } from "./pictures.js";
import { type Part, partsOf, scopesOf } from "./scope.js";
import { Soundtracks } from "./soundtracks.js";

interface Context {
  readonly knowledge: PartialKnowledge;
  readonly encoders: Encoders;
  readonly signal: AbortSignal;
}

/**
 * Computes by arithmetic what planning all combinations of a batch without rules and sample would count: if choices
 * differ in little more than what they show, it takes milliseconds, however many combinations there are. Undefined if
 * counting would take as long as planning; if captions, which depend on the times of words, or texts with a start or
 * duration, which depend on the clips before, make distinct clips; and if
 * a font is missing, which matters only for texts that are shown.
 */
export async function countedTally(blueprint: Blueprint, context: Context): Promise<Tally | undefined> {
  if (!isCountable(blueprint, context.knowledge)) return undefined;
  try {
    return await inTurns(count(blueprint, context), context.signal);
  } catch (error) {
    if (error instanceof TooEntangled) return undefined;
    throw error;
  }
}

function isCountable({ batch, needs }: Blueprint, knowledge: Knowledge): boolean {
  return batch.blocks.every(({ kind }, block) => {
    if (kind.case !== "text") return true;
    if (isTimedText(kind.value) || kind.value.choices.some(({ captions }) => captions !== "")) return false;
    const fonts = needs[block]?.flat() ?? [];
    return fonts.every((font) => font.kind === "voice" || !(knowledge.source(font) instanceof PolyreelError));
  });
}

function* count(blueprint: Blueprint, { knowledge, encoders }: Context): Generator<void, Tally> {
  const assembler = new Assembler(blueprint, knowledge, encoders);
  const chooser = new Chooser(blueprint, knowledge);
  const budget = new Budget();
  const textsOver = textsOverBlocks(blueprint);
  const needed = neededBy(blueprint.batch.outputs);
  let states = 0;
  const pictureContext = { blueprint, budget, nextId: () => states++ };

  const clips = new Map<string, PartTally>();
  const voices = new Map<string, PartTally>();
  const uses = { count: 0, seconds: 0 };
  const totals = { seen: 0, planned: 0, seconds: 0 };
  const begun: Pictures[] = [];
  for (const part of partsOf(blueprint)) {
    if (budget.spend(choicesIn(part))) yield;
    totals.seen += part.combinations;
    countVoices(part, blueprint, knowledge, voices);
    if (needed.clips && !hasPicture(part, chooser)) continue;
    for (const scope of scopesOf(part, blueprint, chooser)) {
      const pictures = new Pictures(scope, pictureContext);
      const combinations = new Combinations(pictures, assembler, textsOver, budget);
      const all = yield* combinations.waysFrom(pictures.begin());
      yield* combinations.countClips(clips);
      const { format } = stageOf(blueprint, part.canvas);
      totals.planned += all.count * combinations.others;
      totals.seconds += framesToSeconds(all.frames, format) * combinations.others;
      uses.count += all.soundCount * combinations.others;
      uses.seconds += framesToSeconds(all.soundFrames, format) * combinations.others;
      begun.push(pictures);
    }
  }
  const members = begun.map((pictures) => ({ pictures, state: pictures.begin() }));
  const distinct = yield* new Soundtracks().countFrom(members);
  const soundtracks = needed.sound ? { distinct, uses } : { distinct: NONE, uses: NONE };
  // What can be made with guessed lengths can be made with favourable ones.
  const failures = totals.planned < totals.seen ? yield* countFailures(blueprint, knowledge) : new FailureCounts();
  return {
    ...{ ...totals, clips: needed.clips ? clips : new Map(), sounds: new Map(), soundtracks, voices },
    ...{ renditions: new Map(), scopes: [], failing: failures.failing, failures: failures.list },
  };
}

const NONE = { count: 0, seconds: 0 };

const choicesIn = ({ positions }: Part): number => positions.reduce((sum, { length }) => sum + length, 0);

/** Whether a canvas's background can be read. */
function hasPicture({ canvas }: Part, chooser: Chooser): boolean {
  try {
    chooser.picture(canvas);
    return true;
  } catch (error) {
    if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
    return false;
  }
}

function countVoices(
  { positions, combinations }: Part,
  { needs }: Blueprint,
  knowledge: Knowledge,
  voices: Map<string, PartTally>,
): void {
  for (const [block, some] of positions.entries()) {
    for (const need of some.flatMap((position) => needs[block]?.[position] ?? [])) {
      if (need.kind !== "voice") continue;
      const [hash, about] = voiceAbout(need, knowledge);
      const known = voices.get(hash);
      if (known) known.uses += combinations / some.length;
      else voices.set(hash, { uses: combinations / some.length, ...about });
    }
  }
}

/** The text blocks above a video block, by indices in the batch. */
function textsOverBlocks({ batch }: Blueprint): (block: number) => readonly number[] {
  const over = batch.blocks.map(({ name }) =>
    batch.blocks.flatMap(({ kind }, text) => (kind.case === "text" && kind.value.over.includes(name) ? [text] : [])),
  );
  return (block) => over[block] ?? [];
}
