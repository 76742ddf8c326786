import type { Block, Output, VoiceChoice } from "@polyreel/contract";

/** A line of a voice choice as it is written. */
export interface WrittenLine {
  readonly text: string;
  /** By language. */
  readonly translations: Readonly<Record<string, string>>;
  /** Its path below the choice, with a dot; empty: the choice's own line. */
  readonly path: string;
}

/** The lines of a voice choice that are spoken, one after the other: those with a text. */
export function spokenLines({ text, translations, next }: VoiceChoice): WrittenLine[] {
  const further = next.map((line, i) => ({ text: line.text, translations: line.translations, path: `.next[${i}]` }));
  return [{ text, translations, path: "" }, ...further].filter((line) => line.text.trim() !== "");
}

/** The languages that spoken lines of a batch are translated into, sorted. */
export function translatedLanguages(blocks: readonly Block[]): string[] {
  const languages = new Set<string>();
  for (const { kind } of blocks) {
    if (kind.case !== "voice") continue;
    for (const choice of kind.value.choices) {
      for (const { translations } of spokenLines(choice)) {
        for (const language of Object.keys(translations)) languages.add(language);
      }
    }
  }
  return [...languages].sort();
}

/** What subtitles of a line show: its text, or its translation into a language. */
export const writtenIn = (
  { text, translations }: Pick<WrittenLine, "text" | "translations">,
  language: string,
): string => (language === "" ? text : (translations[language] ?? ""));

/** The languages of an output's subtitles; "": as spoken. */
export function subtitleLanguages({ operation }: Pick<Output, "operation">, blocks: readonly Block[]): string[] {
  if (operation.case === "subtitles") return [operation.value.language];
  return operation.case === "mp4" && operation.value.subtitles ? ["", ...translatedLanguages(blocks)] : [];
}
