import { isMap, isScalar, isSeq, type Node } from "yaml";
import { locateField } from "./locate.js";
import type { Problem, Where } from "./problem.js";
import { parseYamlText } from "./yaml-text.js";

/** A YAML or JSON file as plain values. */
export interface PlainYaml {
  /** Undefined for an empty file. */
  readonly value: unknown;
  /** Locates a value by the path of its keys: `ads.tenants[1]`. */
  locate(path: string): Where;
}

/**
 * Parses a YAML or JSON file without aliases. `file` is its name in problems, which quote nothing of the file: it may
 * contain keys.
 */
export function parsePlainYaml(file: string, text: string): { yaml?: PlainYaml; problems: Problem[] } {
  const { yaml, problems } = parseYamlText(file, text);
  if (problems.length > 0) return { problems: problems.map((one) => ({ ...one, what: "This is not valid YAML." })) };
  const plain = (node: unknown): unknown => {
    if (node === null || node === undefined) return undefined;
    if (isMap(node)) return Object.fromEntries(node.items.map(({ key, value }) => [keyOf(key), plain(value)]));
    if (isSeq(node)) return node.items.map(plain);
    if (isScalar(node)) return node.value ?? undefined;
    const remedy = "Write the values themselves.";
    problems.push({ what: "Aliases can't be used here.", where: yaml.position(node as Node), remedy });
    return undefined;
  };
  const value = plain(yaml.root);
  if (problems.length > 0) return { problems };
  return { yaml: { value, locate: (path) => locateField(yaml, path) }, problems };
}

const keyOf = (key: unknown): string => (isScalar(key) ? String(key.value) : "");
