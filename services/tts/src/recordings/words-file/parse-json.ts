import { type TimedText, WordsFileMistake } from "./timed-text.js";

type Fields = Readonly<Record<string, unknown>>;

const FORMS =
  'Write [{"text": "Half", "start": 0.1, "end": 0.4}, ...], or the JSON of a transcription, with words or segments.';

/**
 * Parses words in JSON: a list of `{text, start, end}`, or what transcribing programs write: `{words: [{word, start,
 * end}]}`, or `{segments: [...]}` of words or of phrases. Throws WordsFileMistake.
 */
export function parseJson(text: string): TimedText[] {
  const given = read(text);
  if (Array.isArray(given)) return given.flatMap((entry, i) => entryOf(entry, `[${i}]`));
  const { words, segments } = fieldsOf(given);
  if (Array.isArray(words) && words.length > 0) return joined(words, "words");
  if (Array.isArray(segments)) {
    return segments.flatMap((segment, i) => {
      const own = fieldsOf(segment).words;
      const place = `segments[${i}]`;
      return Array.isArray(own) && own.length > 0 ? joined(own, `${place}.words`) : entryOf(segment, place);
    });
  }
  throw new WordsFileMistake("", "It has no words.", FORMS);
}

/** Words; one without times, which some programs give numbers, belongs to the word before. */
function joined(entries: readonly unknown[], path: string): TimedText[] {
  const words: TimedText[] = [];
  for (const [i, entry] of entries.entries()) {
    const { word, text, start, end } = fieldsOf(entry);
    const shown = word ?? text;
    const before = words.at(-1);
    if (start === undefined && end === undefined && typeof shown === "string" && before) {
      words.splice(-1, 1, { ...before, text: `${before.text} ${shown}` });
    } else words.push(...entryOf(entry, `${path}[${i}]`));
  }
  return words;
}

function entryOf(entry: unknown, place: string): TimedText[] {
  const { word, text = word, start, end } = fieldsOf(entry);
  if (typeof text !== "string") throw new WordsFileMistake(place, "It has no text.", FORMS);
  if (text.trim() === "") return [];
  for (const [name, value] of Object.entries({ start, end })) {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw new WordsFileMistake(`${place}.${name}`, "It is no number of seconds.", FORMS);
    }
  }
  return [{ text, startSeconds: Number(start), endSeconds: Number(end), place }];
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const [, position] = /position (\d+)/.exec(error instanceof Error ? error.message : "") ?? [];
    const line = position === undefined ? "" : `line ${text.slice(0, Number(position)).split("\n").length}`;
    throw new WordsFileMistake(line, "It is no JSON.", FORMS);
  }
}

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});
