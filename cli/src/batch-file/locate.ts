import { isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import type { Where } from "../problem.js";
import type { YamlText } from "./yaml-text.js";

/**
 * Where a field of the batch is written, for problems that are found later: `blocks[1].text.over[0]`, with names as in
 * the contract or in JSON. A field that is left out: where what contains it is written.
 */
export function locateField(yaml: YamlText, path: string): Where {
  let node = follow(yaml, yaml.root);
  let shown = node;
  for (const step of path.match(/[^.[\]]+/g) ?? []) {
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && fold(String(key.value)) === fold(step))
      : undefined;
    const next = isSeq(node) ? (node.items[Number(step)] as Node | undefined) : (pair?.value as Node | undefined);
    if (!next) break;
    node = follow(yaml, next);
    shown = isScalar(pair?.key) ? pair.key : next;
  }
  return shown ? yaml.position(shown) : { file: yaml.file };
}

/** Where a block, or one of its choices, is written. */
export function locateChoice(yaml: YamlText, block: string, choice: string): Where {
  const blocks = child(yaml, follow(yaml, yaml.root), "blocks");
  const found = items(yaml, blocks).find((one) => scalar(yaml, one, "name") === block);
  if (!found) return { file: yaml.file };
  const kinds = isMap(found) ? found.items.map(({ value }) => child(yaml, follow(yaml, value as Node), "choices")) : [];
  const choices = items(yaml, kinds.find(isSeq));
  return yaml.position(choices.find((one) => choice !== "" && labels(yaml, one).includes(choice)) ?? found);
}

/** What a choice may be called: its label, else its text, else its file's name without extension. */
function labels(yaml: YamlText, choice: Node): string[] {
  const label = scalar(yaml, choice, "label");
  if (label !== undefined) return [label];
  const named = ["text", "source", "image"]
    .map((key) => scalar(yaml, choice, key))
    .filter((value) => value !== undefined);
  return named.flatMap((value) => [value, value.replace(/^.*[/\\]/, "").replace(/(?<=.)\.[^.]*$/, "")]);
}

const follow = (yaml: YamlText, node: Node | null): Node | undefined =>
  (isAlias(node) ? yaml.resolve(node) : node) ?? undefined;

const items = (yaml: YamlText, node: Node | undefined): Node[] =>
  isSeq(node) ? node.items.map((item) => follow(yaml, item as Node)).filter((item) => item !== undefined) : [];

const child = (yaml: YamlText, node: Node | undefined, key: string): Node | undefined =>
  isMap(node) ? follow(yaml, (node.get(key, true) as Node | undefined) ?? null) : undefined;

function scalar(yaml: YamlText, node: Node, key: string): string | undefined {
  const value = child(yaml, node, key);
  return isScalar(value) && typeof value.value === "string" ? value.value : undefined;
}

const fold = (name: string): string => name.replaceAll("_", "").toLowerCase();
