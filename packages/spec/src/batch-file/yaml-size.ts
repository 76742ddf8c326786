import { Lexer } from "yaml";

/** Limit for tokens of a file: about 400 MB while it is read, and more than fits into one request. */
const MAX_LEXEMES = 1_000_000;
/** A batch has less than ten levels; the parser is recursive. */
const MAX_DEPTH = 100;

/** Finds the first limit that a text exceeds, before it is parsed; undefined for all files of normal size. */
export function findExcess(text: string): { offset: number; what: string; remedy: string } | undefined {
  let offset = 0;
  let lexemes = 0;
  let brackets = 0;
  let dashes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > MAX_LEXEMES) {
      const what = `The batch file has more than ${MAX_LEXEMES.toLocaleString("en-US")} words and marks.`;
      return { offset: 0, what, remedy: "Split the batch." };
    }
    const mark = lexeme[0];
    if (mark === "[" || mark === "{") brackets++;
    else if (mark === "]" || mark === "}") brackets--;
    else if (mark === "-" && lexeme.length === 1) dashes++;
    else if (mark === "\n" || mark === "\r") dashes = 0;
    if (brackets > MAX_DEPTH || dashes > MAX_DEPTH) {
      const what = `Lists and fields are nested more than ${MAX_DEPTH} deep here.`;
      return { offset, what, remedy: "Check the brackets and dashes around this place." };
    }
    offset += lexeme.length;
  }
  return undefined;
}
