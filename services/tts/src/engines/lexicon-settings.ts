import { create } from "@bufbuild/protobuf";
import { type Lexicon, LexiconSchema } from "@polyreel/contract";
import type { Fields, SettingsReading } from "@polyreel/pipeline/settings";
import { LANGUAGE } from "./provider/provider-settings.js";

/** Words and how they are said, as the operator configured them. */
export interface LexiconSettings {
  readonly type: "lexicon";
  /** Tenants whose voices say them so; undefined: all. */
  readonly tenants: readonly string[] | undefined;
  readonly lexicon: Lexicon;
}

const FIELDS = ["type", "tenants", "language", "words"];
const MAX_WORDS = 1_000;
/** Those of `Batch.lexicon`. */
const WORD = /^[^\s_](.{0,198}\S)?$/u;
const SAID = /^.{1,200}$/u;

export function lexiconOf(name: string, entry: Fields, reading: SettingsReading): LexiconSettings {
  reading.known(entry, name, FIELDS);
  const language =
    entry.language === undefined
      ? ""
      : (reading.text(entry.language, `${name}.language`, LANGUAGE, "Write a language, such as en or pt-BR.") ?? "");
  const given = Object.entries(reading.fields(entry.words ?? {}, `${name}.words`));
  if (given.length === 0 || given.length > MAX_WORDS)
    reading.refuse(
      `${name}.words`,
      `It has ${given.length} words.`,
      `Write from 1 to ${MAX_WORDS}, as in words: {ACME: ack-me}.`,
    );
  const words: Record<string, string> = {};
  for (const [word, say] of given.slice(0, MAX_WORDS)) {
    const path = `${name}.words.${word}`;
    if (!WORD.test(word))
      reading.refuse(path, "A word can't be that.", "Write it without spaces around it, in up to 200 characters.");
    words[word] = reading.text(say, path, SAID, "Write how it is said, in up to 200 characters.") ?? "";
  }
  const tenants = reading.tenants(entry.tenants, `${name}.tenants`);
  return { type: "lexicon", tenants, lexicon: create(LexiconSchema, { language, words }) };
}
