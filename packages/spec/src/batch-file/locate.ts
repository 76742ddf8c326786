import type { Batch } from "@polyreel/contract";
import { isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import { choicePath, choicesOf } from "../choices.js";
import { INPUT_BLOCK } from "../inputs.js";
import { labelOf } from "../labels.js";
import { nameInFile } from "./alternative-fields.js";
import type { Where } from "./problem.js";
import type { YamlText } from "./yaml-text.js";

/**
 * Locates a field of the batch in its file, for problems found later: `blocks[1].text.over[0]`, with names as in the
 * contract or in JSON. An omitted field is located at its parent.
 */
export function locateField(yaml: YamlText, path: string): Where {
  let node = follow(yaml, yaml.root);
  let shown = node;
  for (const step of path.match(/[^.[\]]+/g) ?? []) {
    const written = nameInFile(step);
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && same(String(key.value), written))
      : undefined;
    const next = isSeq(node) ? (node.items[Number(step)] as Node | undefined) : (pair?.value as Node | undefined);
    if (!next) break;
    node = follow(yaml, next);
    shown = isScalar(pair?.key) ? pair.key : next;
  }
  return shown ? yaml.position(shown) : { file: yaml.file };
}

/** Path of a block or input, or of one of its choices; undefined if the batch has no such block. */
export function fieldOfChoice({ blocks, inputs }: Batch, block: string, choice: string): string | undefined {
  if (blocks.length === 0 && block === INPUT_BLOCK) {
    const input = inputs.findIndex((one, at) => labelOf(one, at) === choice);
    return input < 0 ? "inputs" : `inputs[${input}]`;
  }
  const index = blocks.findIndex(({ name }) => name === block);
  const found = blocks[index];
  if (!found) return undefined;
  const position = choicesOf(found).findIndex((one, at) => labelOf(one, at) === choice);
  return position < 0 ? `blocks[${index}]` : choicePath(found, index, position);
}

const follow = (yaml: YamlText, node: Node | null): Node | undefined =>
  (isAlias(node) ? yaml.resolve(node) : node) ?? undefined;

const same = (one: string, other: string): boolean => fold(one) === fold(other);

const fold = (name: string): string => name.replaceAll("_", "").toLowerCase();
