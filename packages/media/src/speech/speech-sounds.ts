/** Kinds of sounds that power and tilt distinguish in any language; `unknown` may be any of them. */
export type SoundKind = "vowel" | "nasal" | "liquid" | "hiss" | "breath" | "stop" | "voiced-stop" | "unknown";

/** A sound of a word. */
export interface SpeechSound {
  readonly kind: SoundKind;
  /** Relative to those of other sounds: voices speak at different speeds. */
  readonly seconds: number;
}

const PHONEMES: Readonly<Record<Exclude<SoundKind, "unknown">, string>> = {
  vowel: "iyɨʉɯuɪʏʊeøɘɵɤoəɛœɜɞʌɔæɐaɶɑɒɚɝᵻ",
  nasal: "mɱnɳɲŋɴ",
  liquid: "lɫɭʎʟrɹɾɽɻʁʀjwɥɰʋ",
  hiss: "szʃʒɕʑʂʐ",
  breath: "fvθðhɦxɣχħʕçβɸɬ",
  stop: "ptkqcʔʈ",
  "voiced-stop": "bdgɡɖɟɢ",
};
const KINDS = new Map(
  Object.entries(PHONEMES).flatMap(([kind, phonemes]) => [...phonemes].map((one) => [one, kind as SoundKind])),
);

/** Mean lengths, measured on the phones of four voices of flite. */
const SECONDS: Readonly<Record<SoundKind, number>> = {
  vowel: 0.1,
  nasal: 0.065,
  liquid: 0.07,
  hiss: 0.11,
  breath: 0.07,
  stop: 0.075,
  "voiced-stop": 0.055,
  unknown: 0.09,
};
const REDUCED_VOWEL = /[əɐᵻ]/;
const REDUCED_SECONDS = 0.05;
const LONG = "ː";
const LENGTHENED = 1.4;

/** The sounds of phonemes in the International Phonetic Alphabet. Ignores stress and other marks. */
export function soundsOfPhonemes(phonemes: string): SpeechSound[] {
  const sounds: SpeechSound[] = [];
  for (const phoneme of phonemes.normalize("NFD")) {
    const last = sounds.at(-1);
    if (phoneme === LONG && last) sounds.splice(-1, 1, { ...last, seconds: last.seconds * LENGTHENED });
    const kind = KINDS.get(phoneme);
    if (kind) sounds.push({ kind, seconds: REDUCED_VOWEL.test(phoneme) ? REDUCED_SECONDS : SECONDS[kind] });
  }
  return sounds;
}

/** Digits are words of a syllable or more, signs longer ones. */
const DIGIT: SpeechSound = { kind: "unknown", seconds: 0.3 };
const SIGN: SpeechSound = { kind: "unknown", seconds: 0.5 };
const LETTER: SpeechSound = { kind: "unknown", seconds: SECONDS.unknown };
const LETTERS_OR_SIGN = /\p{Script=Latin}+|[\p{N}\p{Sc}%&+@]|\p{L}/gu;
const LATIN = /^\p{Script=Latin}/u;
/** Initials ("i.e.") and words without vowels ("Dr", "TV") are read letter by letter, or longer than they are written. */
const INITIALS = /^(\p{L}\.)+\p{L}$|^[^aeiouy\d]{1,5}$/u;

/** The sounds of a written word, roughly: of Latin letters as most languages speak them, of others only their number. */
export function soundsOfLetters(word: string): SpeechSound[] {
  const plain = word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const isSpelled = INITIALS.test(plain.replace(/^\P{L}+|\P{L}+$/gu, ""));
  return (plain.match(LETTERS_OR_SIGN) ?? []).flatMap((part) => {
    if (!LATIN.test(part)) return [/\p{L}/u.test(part) ? LETTER : /\p{N}/u.test(part) ? DIGIT : SIGN];
    return isSpelled ? [...part].flatMap((letter) => soundsOfPhonemes(`${letter}i`)) : soundsOfPhonemes(spoken(part));
  });
}

/** How most languages speak Latin letters. Earlier rules are applied first. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/(\p{L})\1/gu, "$1"],
  [/tch|ch/g, "tʃ"],
  [/sch|sh/g, "ʃ"],
  [/th/g, "θ"],
  [/ph/g, "f"],
  [/ng/g, "ŋ"],
  [/ck/g, "k"],
  [/qu/g, "kw"],
  [/(?<=[aeiou])gh|^k(?=n)|^w(?=r)/g, ""],
  [/j/g, "dʒ"],
  [/x/g, "ks"],
  [/c(?=[eiy])/g, "s"],
  [/c/g, "k"],
  [/^y/g, "j"],
  [/(?<=[^aeiou])e$/g, "ə"],
  [/[aeiouy]{2,}/g, "aː"],
];

const spoken = (letters: string): string =>
  SPELLINGS.reduce((text, [written, phonemes]) => text.replace(written, phonemes), letters);
