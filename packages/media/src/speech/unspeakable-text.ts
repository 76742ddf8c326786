import { PolyreelError } from "@polyreel/platform";
import { quote } from "@polyreel/spec";

/** Lexicons may lengthen texts beyond what a batch may have. */
const MAX_CHARACTERS = 5_000;
/** Elements of SSML and of its extensions, which some providers interpret and others read aloud. */
const MARKUP =
  /<\/?(speak|voice|lang|p|s|w|token|break|emphasis|prosody|phoneme|say-as|sub|mark|audio|lexicon|desc|(amazon|mstts|google):[\w-]+)(\s[^<>]*)?\/?>/iu;
/** All but line ends and tabs. */
const CONTROL = /[^\P{Cc}\t\n\r]|\p{Cs}/u;

/** The error for a text that no voice speaks; undefined for others. */
export function unspeakableText(text: string): PolyreelError | undefined {
  const control = CONTROL.exec(text)?.[0];
  if (control !== undefined) return withControl(control);
  const [markup] = MARKUP.exec(text) ?? [];
  if (markup !== undefined) return withMarkup(markup);
  const { length } = [...text];
  if (length > MAX_CHARACTERS) return tooLong(length);
  return /[^\p{P}\p{Z}\p{C}]/u.test(text) ? undefined : nothingToSpeak();
}

const nothingToSpeak = (): PolyreelError =>
  new PolyreelError("invalid", {
    reason: "This text has nothing to speak.",
    remedy: "Add words, or leave the text empty for no speech.",
  });

const withControl = (character: string): PolyreelError =>
  new PolyreelError("invalid", {
    field: "text",
    reason: `This text has a control character, U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}.`,
    remedy: "Remove it: it may have come with copied text.",
  });

const withMarkup = (markup: string): PolyreelError =>
  new PolyreelError("invalid", {
    field: "text",
    reason: `This text has markup for speech, ${quote(markup)}, which voices would read aloud or understand differently.`,
    remedy:
      "Leave markup out: for a pause write the rest as a line under next, for speed and pitch set rate and pitch, for a pronunciation say.",
  });

const tooLong = (length: number): PolyreelError =>
  new PolyreelError("invalid", {
    field: "text",
    reason: `With the words of lexicons, this text has ${length} characters to speak; ${MAX_CHARACTERS} are possible.`,
    remedy: "Divide the text into several lines with next.",
  });
