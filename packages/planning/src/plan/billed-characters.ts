import { type Voice, VoiceRecipeSchema } from "@polyreel/contract";
import { inFirstReading } from "@polyreel/media/speech";
import { hasKeptSpeech, type PartStore, recipeHash } from "@polyreel/parts";
import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { quote } from "@polyreel/spec";
import type { VoicePart } from "./voice-part.js";

/** Characters of the distinct lines of one engine whose provider charges for them. */
export interface EngineCharacters {
  readonly engine: string;
  readonly characters: number;
  /** Of lines that are still to be spoken. */
  readonly unspoken: number;
  /** Limit of one batch. */
  readonly perBatch: number;
}

/** Counts the characters that providers charge a batch for, by engine. */
export class BilledCharacters {
  readonly #counted = new Set<string>();
  readonly #engines = new Map<string, EngineCharacters>();

  /** Adds a line by its part's hash, if its provider charges for it and it was not added before. */
  add(voice: Voice, hash: string, text: string, isSpoken: boolean): void {
    if (voice.charactersPerBatch === 0n || this.#counted.has(hash)) return;
    this.#counted.add(hash);
    const { engine } = voice;
    const { characters = 0, unspoken = 0 } = this.#engines.get(engine) ?? {};
    const { length } = [...text];
    this.#engines.set(engine, {
      engine,
      characters: characters + length,
      unspoken: unspoken + (isSpoken ? 0 : length),
      perBatch: Number(voice.charactersPerBatch),
    });
  }

  get list(): EngineCharacters[] {
    return [...this.#engines.values()];
  }
}

/** Whether a line has speech already: its part, or what its part can be made of. */
export const isSpoken = async (
  { hash, recipe }: VoicePart,
  { parts, store, signal }: { readonly parts: PartStore; readonly store: Store; readonly signal: AbortSignal },
): Promise<boolean> =>
  (await parts.has("voice", hash)) ||
  (await hasKeptSpeech(store, hash, signal)) ||
  hasKeptSpeech(store, recipeHash("voice", VoiceRecipeSchema, inFirstReading(recipe)), signal);

/** The error of lines that a batch may not have spoken, all together; undefined if it may. */
export function overCharacterLimit({ engine, unspoken, perBatch }: EngineCharacters): PolyreelError | undefined {
  if (unspoken <= perBatch) return undefined;
  return new PolyreelError("invalid", {
    reason: `The batch has ${count(unspoken)} characters for the voices of ${quote(engine)} to speak, more than the ${count(perBatch)} that one batch may use; none were spoken.`,
    remedy:
      "Use fewer or shorter lines, or a voice that costs nothing. The operator sets the limit (charactersPerBatch).",
  });
}

const count = (number: number): string => number.toLocaleString("en-US");
