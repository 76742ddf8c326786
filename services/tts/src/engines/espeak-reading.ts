/** "(en)" in what espeak-ng prints as phonemes: from here on it reads by the rules of another language. */
const SWITCH = /\(([a-z]{2,3})[a-z0-9-]*\)/g;

/**
 * Whether espeak-ng reads words of one script, or only spells them ("Chinese letter"): that it does in English, or in the
 * voice's own language where the script is none of that.
 *
 * @param phonemes what it printed for these words
 */
export function isRead(phonemes: string, language: string, isOwnScript: boolean): boolean {
  const own = language.split("-")[0];
  const languages = [...phonemes.matchAll(SWITCH)].map(([, to]) => to);
  if (own !== "en" && languages.includes("en")) return false;
  return isOwnScript || languages.some((to) => to !== own);
}
