import type { Source } from "@polyreel/contract";
import { isAlias, isScalar, type Node } from "yaml";
import { Suggestions } from "../nearest.js";
import type { Expansion } from "./expansion.js";
import type { Problem } from "./problem.js";
import type { YamlText } from "./yaml-text.js";

/** Position of a value in the batch. */
export interface Place {
  /** Path of the field as it is written, such as `blocks[1].text.over[0]`; empty at the top. */
  field: string;
  block?: string;
  choice?: string;
  /** Row of the table that the value is from, for messages. */
  row?: string;
}

/** The field's own name as it is written, quoted. */
export function nameOf({ field }: Place): string {
  if (field === "") return "A batch file";
  return JSON.stringify(field.split(".").at(-1) ?? field);
}

/** A file named in the batch, and the message to put its hash into. */
export interface SourceUse {
  /** As written. */
  path: string;
  message: Source;
}

/** Limit for values reached through aliases: an alias of a few bytes can stand for a whole file. */
const MAX_ALIASED_VALUES = 100_000;

/** More would not be read. */
const MAX_PROBLEMS = 1000;

/** State of converting a file to a batch. */
export class Reading {
  readonly problems: Problem[] = [];
  readonly sources: SourceUse[] = [];
  /** Set for batch files. */
  expansion: Expansion | undefined;
  readonly #suggestions = new Suggestions();
  #aliasDepth = 0;
  #aliasedValues = 0;

  constructor(readonly yaml: YamlText) {}

  /** `Did you mean "x"?`, or undefined if no name is near. */
  didYouMean(name: string, names: readonly string[]): string | undefined {
    const near = this.#suggestions.nearest(name, names);
    return near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`;
  }

  /** Returns a text unchanged; reports an unpaired surrogate, which cannot be stored, and returns undefined. */
  wellFormed(text: string, node: Node, place: Place): string | undefined {
    if (!/\p{Surrogate}/u.test(text)) return text;
    const what = `${nameOf(place)} has half of a character (an escape such as \\ud83d without its other half).`;
    this.refuse(node, place, what, "Write the character itself, or leave it out.");
    return undefined;
  }

  /** Reports a problem with a value; problems beyond the limit are dropped. */
  refuse(node: Node, place: Place, what: string, remedy?: string): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    this.problems.push({ what, where: { ...this.yaml.position(node), ...place }, ...(remedy ? { remedy } : {}) });
  }

  /** The node that an alias refers to; any other node, and an alias of nothing, as it is. */
  target(node: Node): Node {
    return (isAlias(node) && this.yaml.resolve(node)) || node;
  }

  /** Calls `read` with a node, or with the node that an alias refers to. */
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

/** An entry without a value (`canvas:`) counts as omitted, like null in protobuf's JSON. */
export const isEmpty = (node: unknown): boolean => node === null || (isScalar(node) && node.value === null);
