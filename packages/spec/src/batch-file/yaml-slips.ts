/** A colour that YAML takes for a comment, because a space precedes its #. */
const BARE_COLOUR = /^[0-9a-f]{6}(?:[0-9a-f]{2})?\b/i;

/** An error of the parser. */
interface YamlError {
  readonly code: string;
  readonly message: string;
  /** Of its first character. */
  readonly offset: number;
}

/** The likely slip behind an error: one often has the parser stumble in several places, and further on. */
export interface Slip {
  readonly offset: number;
  readonly remedy: string;
}

/** Finds the slip by the text around an error. Quotes nothing of it: some files contain keys. */
export function slipBehind(text: string, error: YamlError): Slip {
  const found = (remedy: string, offset = error.offset): Slip => ({ offset, remedy });
  const line = lineAt(text, error.offset);
  switch (error.code) {
    case "TAB_AS_INDENT":
      return found("Indent with spaces instead of tabs.");
    case "BAD_INDENT": {
      const colour = bareColourBefore(text, error.offset);
      if (colour !== undefined) return found(`Put quotes around the colour. ${COMMENT}`, colour);
      return found(error.message.includes("]") ? "Close the list with ]." : "Close the fields with }.");
    }
    case "MISSING_CHAR": {
      const quote = /closing (["'])/.exec(error.message)?.[1];
      if (!quote) return found(INDENTATION);
      return found(`Close the text with ${quote}.`, unclosedQuote(text, quote) ?? error.offset);
    }
    case "UNEXPECTED_TOKEN":
      if (/'/.test(line.text)) return found("Write an apostrophe between apostrophes twice, or use double quotes.");
      return found("Put quotes around the whole text.");
    case "BAD_SCALAR_START":
      return found("Put quotes around the text.");
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY": {
      const above = lineAt(text, Math.max(0, line.offset - 1));
      const glued = [above, line].find((one) => /^\s*(-[A-Za-z]|[A-Za-z]\w*:[^\s/])/.test(one.text));
      if (glued) return found("Write a space after the dash or colon.", glued.offset);
      if (/:\s.*:\s/.test(line.text)) return found("Put quotes around a text that has a colon and a space in it.");
      return found(INDENTATION);
    }
    default:
      return found(REMEDIES[error.code] ?? "Check indentation, quotes and brackets around this place.");
  }
}

/** The remedy for a value that is missing because a comment follows in its place: `color: #ff0000`. */
export function commentedColour(comment: string | null | undefined): string | undefined {
  const digits = BARE_COLOUR.exec(comment ?? "")?.[0];
  return digits && `Put quotes around the colour: "#${digits}". ${COMMENT}`;
}

const COMMENT = "After a space, # begins a comment.";

const INDENTATION = "Check the indentation: fields that belong together start in the same column.";

const REMEDIES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "Name each field once; several choices or blocks are a list, each entry with a dash.",
  MULTIPLE_DOCS: "Write one batch a file: remove the line with three dashes and what follows it.",
  TAG_RESOLVE_FAILED: "Remove the tag (the word with the exclamation mark).",
};

function lineAt(text: string, offset: number): { offset: number; text: string } {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  return { offset: start, text: text.slice(start, end < 0 ? undefined : end) };
}

/** Lines before a bracket that is missing because a comment took it. */
const COLOUR_WITHIN = 2000;

function bareColourBefore(text: string, offset: number): number | undefined {
  const from = Math.max(0, offset - COLOUR_WITHIN);
  const colour = [...text.slice(from, offset).matchAll(/:[ \t]+#[0-9a-f]{6}(?:[0-9a-f]{2})?\b/gi)].at(-1);
  return colour && from + colour.index + colour[0].indexOf("#");
}

/** Where the first line with an odd number of these quotes has its last one. */
function unclosedQuote(text: string, quote: string): number | undefined {
  let offset = 0;
  for (const line of text.split("\n")) {
    const quotes = line.replaceAll(`\\${quote}`, "  ").split(quote).length - 1;
    if (quotes % 2 === 1) return offset + line.lastIndexOf(quote);
    offset += line.length + 1;
  }
  return undefined;
}
