import { isMap, isScalar, isSeq, type Node } from "yaml";

/** Describes a value for a message: `the text "top"`, `a list`. */
export function describeNode(node: Node): string {
  if (isSeq(node)) return "a list";
  if (isMap(node)) return "fields with values";
  if (!isScalar(node)) return "this";
  const { value } = node;
  if (typeof value === "string") return `the text ${JSON.stringify(shorten(value))}`;
  if (typeof value === "number" || typeof value === "bigint")
    return `the number ${shorten(node.source ?? String(value))}`;
  return value === null ? "nothing" : String(value);
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
