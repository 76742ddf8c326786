/** Scripts that combine several, by their four-letter code in language tags. */
const COMPOUND: Readonly<Record<string, readonly string[]>> = {
  Jpan: ["Hiragana", "Katakana", "Han"],
  Kore: ["Hangul", "Han"],
  Hans: ["Han", "Bopomofo"],
  Hant: ["Han", "Bopomofo"],
};

/** Other scripts with their codes in language tags; every voice reads Latin. */
const SCRIPTS: Readonly<Record<string, string>> = {
  ...{ Cyrillic: "Cyrl", Greek: "Grek", Arabic: "Arab", Hebrew: "Hebr", Devanagari: "Deva", Bengali: "Beng" },
  ...{ Gurmukhi: "Guru", Gujarati: "Gujr", Oriya: "Orya", Tamil: "Taml", Telugu: "Telu", Kannada: "Knda" },
  ...{ Malayalam: "Mlym", Sinhala: "Sinh", Thai: "Thai", Lao: "Laoo", Khmer: "Khmr", Myanmar: "Mymr" },
  ...{ Tibetan: "Tibt", Georgian: "Geor", Armenian: "Armn", Ethiopic: "Ethi", Hangul: "Hang", Han: "Hani" },
  ...{ Hiragana: "Hira", Katakana: "Kana", Bopomofo: "Bopo", Cherokee: "Cher", Mongolian: "Mong", Syriac: "Syrc" },
};

/** The scripts of a language (BCP 47) other than Latin. */
export function scriptsOf(language: string): readonly string[] {
  const script = scriptOf(language) ?? scriptOf(language.split("-")[0] ?? "");
  if (script === undefined) return [];
  return COMPOUND[script] ?? Object.keys(SCRIPTS).filter((name) => SCRIPTS[name] === script);
}

function scriptOf(language: string): string | undefined {
  try {
    return new Intl.Locale(language).maximize().script;
  } catch {
    return undefined; // An engine's own name for a language.
  }
}

/** The most likely language of a script: "ru" for Cyrillic. */
export const likelyLanguage = (script: string): string =>
  new Intl.Locale(`und-${SCRIPTS[script] ?? "Latn"}`).maximize().language;

const WORDS = Object.keys(SCRIPTS).map(
  (script) => [script, new RegExp(`(?:\\p{Script=${script}}[\\p{M}ー\u200c\u200d]*)+`, "gu")] as const,
);
/** Scripts in which every sign is a word or a syllable. */
const SYLLABIC = new Set(["Han", "Hiragana", "Katakana", "Hangul"]);

/** Words of a text by script, except Latin. Ignores single letters: α and π are read by name in every language. */
export function wordsByScript(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [script, pattern] of WORDS) {
    const all = [...new Set(text.match(pattern))];
    const words = SYLLABIC.has(script) ? all : all.filter((word) => [...word.matchAll(/\p{L}/gu)].length > 1);
    if (words.length > 0) found.set(script, words);
  }
  return found;
}
