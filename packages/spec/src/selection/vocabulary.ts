import type { Batch, Block } from "@polyreel/contract";
import { choicesOf } from "../choices.js";
import { Suggestions } from "../nearest.js";

/** Words that a rule may use, in their order. */
export interface Words {
  readonly list: readonly string[];
  readonly set: ReadonlySet<string>;
}

/** Names that the rules of a batch may use. Each list is built once, however many rules need it. */
export class Vocabulary {
  readonly blocks: readonly Block[];
  readonly blockNames: readonly string[];
  readonly canvasLabels: Words;
  readonly #byName: ReadonlyMap<string, { readonly block: Block; readonly index: number }>;
  readonly #labels = new Map<Block, Words>();
  readonly #keys = new Map<Block, Words>();
  readonly #suggestions = new Suggestions();

  constructor({ blocks, canvas, canvases }: Batch) {
    this.blocks = blocks;
    this.#byName = new Map(blocks.map((block, index) => [block.name, { block, index }]));
    this.blockNames = [...this.#byName.keys()].filter((name) => name !== "");
    const all = canvases.length > 0 ? canvases : canvas ? [canvas] : [];
    this.canvasLabels = words(all.map(({ label }) => label));
  }

  /** Whether there is a canvas; inputs have none. */
  get hasCanvas(): boolean {
    return this.canvasLabels.list.length > 0;
  }

  block(name: string): { readonly block: Block; readonly index: number } | undefined {
    return this.#byName.get(name);
  }

  labels(block: Block): Words {
    return remember(this.#labels, block, () => choicesOf(block).map(({ label }) => label));
  }

  metadataKeys(block: Block): Words {
    return remember(this.#keys, block, () => [
      ...new Set(choicesOf(block).flatMap(({ metadata }) => Object.keys(metadata))),
    ]);
  }

  nearest(name: string, known: readonly string[]): string | undefined {
    return this.#suggestions.nearest(name, known);
  }
}

const words = (list: readonly string[]): Words => ({ list, set: new Set(list) });

function remember(known: Map<Block, Words>, block: Block, make: () => string[]): Words {
  const found = known.get(block) ?? words(make());
  known.set(block, found);
  return found;
}
