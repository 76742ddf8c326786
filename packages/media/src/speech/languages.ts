/** The language of voices that speak several, by ISO 639. */
export const MULTILINGUAL = "mul";

/** Whether a voice of a language speaks the wanted one (both BCP 47, in any letter case): "en-US" speaks "en", but "en" not "en-US". */
export function speaksLanguage(language: string, wanted: string): boolean {
  const [own, asked] = [language.toLowerCase(), wanted.toLowerCase()];
  return own === MULTILINGUAL || own === asked || own.startsWith(`${asked}-`);
}
