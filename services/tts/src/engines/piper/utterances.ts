import type { Clause } from "./clauses.js";
import type { PiperConfig } from "./piper-config.js";

/** What a model speaks in one go: its input, and the silence after it. */
export interface Utterance {
  readonly ids: readonly number[];
  readonly pauseSeconds: number;
}

/** A clause with its phonemes, or its letters if the model reads those. */
export interface ReadClause extends Pick<Clause, "mark"> {
  readonly phonemes: string;
}

/** Between sentences: Piper's own. */
const SENTENCE_PAUSE_SECONDS = 0.2;
/**
 * The memory of a run grows with its input: 400 ids take half a gigabyte, 2,000 more than one. Longer sentences are split
 * between clauses, longer clauses between words.
 */
const MAX_IDS = 600;
const CONTROL = new Set(["_", "^", "$"]);

/** The input of a model for sentences: as Piper makes it, beginning, phonemes with a pad after each, end. Pure. */
export function utterancesOf(sentences: readonly (readonly ReadClause[])[], config: PiperConfig): Utterance[] {
  const [pad = [], begin = [], end = []] = ["_", "^", "$"].map((control) => config.ids.get(control));
  const utterances: Utterance[] = [];
  for (const sentence of sentences) {
    const runs: number[][] = [];
    for (const word of sentence.flatMap((clause) => wordsOf(clause))) {
      const ids = [...word].flatMap((phoneme) => idsOf(phoneme, config)).flatMap((id) => [id, ...pad]);
      const last = runs.at(-1);
      if (last && last.length + ids.length <= MAX_IDS) last.push(...ids);
      else for (let from = 0; from < ids.length; from += MAX_IDS) runs.push(ids.slice(from, from + MAX_IDS));
    }
    for (const [i, ids] of runs.entries()) {
      const pauseSeconds = i === runs.length - 1 ? SENTENCE_PAUSE_SECONDS : 0;
      utterances.push({ ids: [...begin, ...pad, ...ids, ...end], pauseSeconds });
    }
  }
  return utterances.map((one, i) => (i === utterances.length - 1 ? { ...one, pauseSeconds: 0 } : one));
}

/** With the space or mark after each; a clause without sound has none. */
function wordsOf({ phonemes, mark }: ReadClause): string[] {
  const words = phonemes.normalize("NFD").match(/\S+/gu) ?? [];
  return words.map((word, i) => (i < words.length - 1 ? `${word} ` : word + mark + (/[,;:]/.test(mark) ? " " : "")));
}

/** Those of unknown phonemes are left out, as by Piper. */
function idsOf(phoneme: string, { ids, replaced }: PiperConfig): readonly number[] {
  if (CONTROL.has(phoneme)) return [];
  return (replaced.get(phoneme) ?? [phoneme]).flatMap((one) => ids.get(one) ?? ids.get(one.toLowerCase()) ?? []);
}
