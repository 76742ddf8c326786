import type { Batch, Block, VoiceChoice } from "@polyreel/contract";
import { choicePath } from "../choices.js";
import type { Mistake } from "../mistake.js";
import { nearest } from "../nearest.js";
import { quote, quoteAll } from "../quote.js";
import { spokenLines, translatedLanguages, type WrittenLine } from "../voice-lines.js";

/**
 * Mistakes in the translations of spoken lines, and in the languages that outputs and captions ask for. All lines have
 * the same languages: a missing one would be a gap in the subtitles, and is most often a slip.
 */
export function checkTranslations({ blocks, outputs }: Batch): Mistake[] {
  const languages = translatedLanguages(blocks);
  const ofLines = languages.length > 0 ? blocks.flatMap((block, at) => checkLines(block, at, languages)) : [];
  const ofOutputs = outputs.flatMap(({ operation }, i) =>
    operation.case === "subtitles"
      ? checkLanguage(operation.value.language, `outputs[${i}].subtitles.language`, languages)
      : [],
  );
  return [...ofLines, ...blocks.flatMap((block, at) => checkCaptions(block, at, languages)), ...ofOutputs];
}

function checkLines(block: Block, at: number, languages: readonly string[]): Mistake[] {
  if (block.kind.case !== "voice") return [];
  return block.kind.value.choices.flatMap((choice, position) => {
    const path = choicePath(block, at, position);
    const found = [
      ...spokenLines(choice).flatMap((line) => checkLine(line, path, languages)),
      ...(isUnspoken(choice) ? [unspoken(path)] : []),
    ];
    return found.map((mistake) => ({ ...mistake, block: block.name, choice: choice.label }));
  });
}

const isUnspoken = ({ text, translations }: VoiceChoice): boolean =>
  text.trim() === "" && Object.keys(translations).length > 0;

const unspoken = (path: string): Mistake => ({
  field: `${path}.translations`,
  reason: "The choice has translations, but no text that is spoken.",
  remedy: "Give it the text, or leave the translations out.",
});

function checkLine({ text, translations, path }: WrittenLine, choice: string, languages: readonly string[]): Mistake[] {
  const field = `${choice}${path}.translations`;
  return languages.flatMap((language): Mistake[] => {
    const translation = translations[language];
    if (translation === undefined) {
      return [
        {
          field,
          reason: `The line ${quote(text)} has no translation into ${quote(language)}, which other lines have.`,
          remedy: `Add ${language}; if the line is spoken in it, repeat its text there.`,
        },
      ];
    }
    if (translation.trim() === "") {
      const reason = `The translation of ${quote(text)} is empty.`;
      return [{ field: `${field}.${language}`, reason, remedy: "Write it, or leave the language out of all lines." }];
    }
    const fault = tagFault(language);
    return fault ? [{ field: `${field}.${language}`, ...fault }] : [];
  });
}

/** Names of languages, undefined for those that are unknown. */
const names = new Intl.DisplayNames("en", { type: "language", fallback: "none" });
const LETTERS_OF_LISTED = 2;

/** Why a tag names no language, or not in its usual spelling. Rare languages, of three letters, may have no name here. */
function tagFault(tag: string): Pick<Mistake, "reason" | "remedy"> | undefined {
  const [primary = ""] = tag.split("-");
  const usual = usualTag(tag);
  const isUnknown = primary.length === LETTERS_OF_LISTED && names.of(primary) === undefined;
  if (usual === undefined || isUnknown) {
    return { reason: `${quote(tag)} is no language.`, remedy: 'Write its tag, such as "de", "pt-BR" or "zh-Hant".' };
  }
  if (usual === tag) return undefined;
  return { reason: `The language ${quote(tag)} is written ${quote(usual)}.`, remedy: `Write ${quote(usual)}.` };
}

function usualTag(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}

function checkCaptions({ name, kind }: Block, at: number, languages: readonly string[]): Mistake[] {
  if (kind.case !== "text") return [];
  return kind.value.choices.flatMap(({ language, captions, label }, position) => {
    const field = `blocks[${at}].text.choices[${position}].language`;
    const found =
      language !== "" && captions === ""
        ? [{ field, reason: "A language is for captions; this choice has none.", remedy: "Leave it out." }]
        : checkLanguage(language, field, languages);
    return found.map((mistake) => ({ ...mistake, block: name, choice: label }));
  });
}

function checkLanguage(language: string, field: string, languages: readonly string[]): Mistake[] {
  // A language of the lines in another spelling is a mistake there.
  if (language === "" || languages.some((one) => one === language || usualTag(one) === language)) return [];
  const reason = `No line has a translation into ${quote(language)}.`;
  if (languages.length === 0) {
    return [{ field, reason, remedy: `Add translations: {${language}: ...} to the voice choices, or leave it out.` }];
  }
  const near = nearest(language, languages);
  const are = `Lines are translated into ${quoteAll(languages)}.`;
  return [{ field, reason, remedy: near ? `Did you mean ${quote(near)}? ${are}` : are }];
}
