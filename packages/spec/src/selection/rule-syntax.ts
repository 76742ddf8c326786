import { parse } from "@bufbuild/cel";
import type { Mistake } from "../mistake.js";
import { quote } from "../quote.js";

type Parsed = ReturnType<typeof parse>;
/** A node of a rule's syntax tree. */
export type Expr = Parsed["expr"];

/** A parsed rule with its text. */
export interface RuleSyntax {
  readonly text: string;
  readonly field: string;
  readonly expr: Expr;
  /** A mistake at a node, or in the rule as a whole without one. */
  mistake(node: bigint | undefined, reason: string, remedy: string): Mistake;
}

/** Same limit as in the contract. Batches that violate it are checked too, and parsing takes time. */
const MAX_CHARACTERS = 2000;

/** Parses rule number `index` of a batch; a mistake if it is invalid. */
export function parseRule(text: string, index: number): RuleSyntax | Mistake {
  const field = `where[${index}]`;
  if (text.length > MAX_CHARACTERS) {
    const reason = `The rule ${quote(text.slice(0, 100))} has ${text.length} characters, where ${MAX_CHARACTERS} are allowed.`;
    return { field, reason, remedy: "Split it into several rules: all of them must be true." };
  }
  try {
    const { expr, sourceInfo } = parse(text);
    return {
      text,
      field,
      expr,
      mistake(node, reason, remedy) {
        const offset = node === undefined ? undefined : sourceInfo?.positions[String(node)];
        return {
          field,
          reason: `The rule ${quote(text)} ${reason}${offset !== undefined ? `, ${place(text, offset)}` : ""}.`,
          remedy,
        };
      },
    };
  } catch (error) {
    const { message, offset, reserved } = syntaxError(error);
    return {
      field,
      reason: `The rule ${quote(text)} can't be read: ${message}, ${place(text, offset)}.`,
      remedy: reserved
        ? 'That word is reserved in CEL: write choice["name"] for the block of that name.'
        : "Rules are CEL: labels in quotes, compared by == and !=, joined by && and ||, as in hook == 'a' || body != 'b'.",
    };
  }
}

export const isMistake = (rule: RuleSyntax | Mistake): rule is Mistake => "reason" in rule;

/** Position in the rule for messages: characters and lines count from 1. */
function place(text: string, offset: number): string {
  const before = text.slice(0, offset).split("\n");
  const character = `at character ${[...(before.at(-1) ?? "")].length + 1}`;
  return text.includes("\n") ? `in line ${before.length} ${character}` : character;
}

/** The parser's errors contain what was found and where; the list of expected tokens would fill a page. */
function syntaxError(error: unknown): { message: string; offset: number; reserved: boolean } {
  const { rawMessage, location, found } = error as {
    rawMessage?: string;
    found?: string;
    location?: { start?: { offset?: number } };
  };
  const offset = location?.start?.offset ?? 0;
  if (error instanceof RangeError) return { message: "it is nested too deeply", offset, reserved: false };
  if (rawMessage?.includes("reserved")) return { message: "it uses a reserved word", offset, reserved: true };
  if (found === undefined) return { message: rawMessage ?? "it is no expression", offset, reserved: false };
  return { message: found === "" ? "it ends too early" : `${quote(found)} is out of place`, offset, reserved: false };
}
