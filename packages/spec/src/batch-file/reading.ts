import type { Source } from "@polyreel/contract";
import { isAlias, isScalar, type Node } from "yaml";
import { Suggestions } from "../nearest.js";
import type { Problem } from "./problem.js";
import type { YamlText } from "./yaml-text.js";

/** Where in the batch a value stands. */
export interface Place {
  /** Path of the field, as in `blocks[1].text.over[0]`; empty at the top. */
  field: string;
  block?: string;
  choice?: string;
}

/** The place's own field as people write it, in quotes. */
export function nameOf({ field }: Place): string {
  if (field === "") return "A batch file";
  const name = field.split(".").at(-1) ?? field;
  return JSON.stringify(name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}

/** A file that the batch names, and the message that is to carry its hash. */
export interface SourceUse {
  /** As written. */
  path: string;
  message: Source;
}

/** An alias costs a few bytes and can stand for a whole file of values: so many of them are read, no more. */
const MAX_ALIASED_VALUES = 100_000;

/** Of so many nobody reads the others. */
const MAX_PROBLEMS = 1000;

/** What is gathered while a file is turned into a batch. */
export class Reading {
  readonly problems: Problem[] = [];
  readonly sources: SourceUse[] = [];
  readonly #suggestions = new Suggestions();
  #aliasDepth = 0;
  #aliasedValues = 0;

  constructor(readonly yaml: YamlText) {}

  /** `Did you mean "x"?`, or undefined where none of the names is near. */
  didYouMean(name: string, names: readonly string[]): string | undefined {
    const near = this.#suggestions.nearest(name, names);
    return near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`;
  }

  /** A text as it is; undefined, and a problem, where it has half of a character, which nothing can store. */
  wellFormed(text: string, node: Node, place: Place): string | undefined {
    if (!/\p{Surrogate}/u.test(text)) return text;
    const what = `${nameOf(place)} has half of a character (an escape such as \\ud83d without its other half).`;
    this.refuse(node, place, what, "Write the character itself, or leave it out.");
    return undefined;
  }

  /** Notes a problem with a value: the first ones of very many. */
  refuse(node: Node, place: Place, what: string, remedy?: string): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    this.problems.push({ what, where: { ...this.yaml.position(node), ...place }, ...(remedy ? { remedy } : {}) });
  }

  /** Hands a node, or what it is an alias of, to `read`. */
  follow<T>(node: Node, place: Place, read: (node: Node) => T | undefined): T | undefined {
    if (this.#aliasDepth > 0 && ++this.#aliasedValues > MAX_ALIASED_VALUES) {
      if (this.#aliasedValues === MAX_ALIASED_VALUES + 1) {
        this.refuse(
          node,
          place,
          "The aliases of this file stand for too many values.",
          "Write fewer of them, or a plain list.",
        );
      }
      return undefined;
    }
    if (!isAlias(node)) return read(node);
    const target = this.yaml.resolve(node);
    if (!target) {
      this.refuse(
        node,
        place,
        `Nothing before this place has the anchor "&${node.source}".`,
        `Set it with "&${node.source}" first.`,
      );
      return undefined;
    }
    this.#aliasDepth++;
    try {
      // The schema's depth is finite, so an alias inside its own anchor ends as a value of the wrong type.
      return isAlias(target) ? undefined : read(target);
    } finally {
      this.#aliasDepth--;
    }
  }
}

/** An entry without a value (`canvas:`) counts as left out, as null does in protobuf's JSON. */
export const isEmpty = (node: unknown): boolean => node === null || (isScalar(node) && node.value === null);
