import type { DescField } from "@bufbuild/protobuf";
import { TextBlockSchema } from "@polyreel/contract";
import { isMap, isScalar, type Node } from "yaml";

interface Alternatives {
  /** For fields with values. */
  readonly mapping: DescField;
  /** For a word. */
  readonly word: DescField;
}

const { safeArea, safeAreaSides, safeAreaPlatform } = TextBlockSchema.field;

/** Fields that are written in one of several forms, each of which is a field of its own in the contract. */
const ALTERNATIVES: ReadonlyMap<DescField, Alternatives> = new Map([
  [safeArea, { mapping: safeAreaSides, word: safeAreaPlatform }],
]);

const HIDDEN: ReadonlySet<DescField> = new Set(
  [...ALTERNATIVES.values()].flatMap(({ mapping, word }) => [mapping, word]),
);

/** Whether a field is written under the name of another. */
export const isAlternative = (field: DescField): boolean => HIDDEN.has(field);

/** The name in a batch file of what the contract or JSON names so. */
export function nameInFile(name: string): string {
  const isNamed = ({ name: inContract, jsonName }: DescField) => name === inContract || name === jsonName;
  return [...ALTERNATIVES].find(([, { mapping, word }]) => isNamed(mapping) || isNamed(word))?.[0].jsonName ?? name;
}

/** A field and those that are written under its name. */
export function alternativesOf(field: DescField): readonly DescField[] {
  const { mapping, word } = ALTERNATIVES.get(field) ?? {};
  return [field, ...(mapping ? [mapping] : []), ...(word ? [word] : [])];
}

/** The field that a value belongs to. */
export function fieldOfForm(field: DescField, node: Node): DescField {
  const others = ALTERNATIVES.get(field);
  if (others && isMap(node)) return others.mapping;
  return others && isScalar(node) && typeof node.value === "string" ? others.word : field;
}
