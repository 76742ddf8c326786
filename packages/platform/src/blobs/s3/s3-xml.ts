import { XMLParser } from "fast-xml-parser";

/** An element: its text, or its children by name. */
export type Xml = string | { readonly [name: string]: Xml | readonly Xml[] };

/** Values stay text: a key may look like a number. */
const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  htmlEntities: true,
});

/** The root element under its name; undefined if the text is not XML. */
export function parseXml(text: string): Xml | undefined {
  if (!text.trimStart().startsWith("<")) return undefined;
  try {
    return parser.parse(text) as Xml;
  } catch {
    return undefined;
  }
}

/** All elements of a name. */
export function children(parent: Xml | undefined, name: string): readonly Xml[] {
  const found = typeof parent === "object" ? parent[name] : undefined;
  if (found === undefined) return [];
  return Array.isArray(found) ? found : [found as Xml];
}

export const child = (parent: Xml | undefined, name: string): Xml | undefined => children(parent, name)[0];

/** The text of an element; empty if it does not exist. */
export function text(parent: Xml | undefined, ...path: readonly string[]): string {
  const found = path.reduce<Xml | undefined>(child, parent);
  return typeof found === "string" ? found : "";
}

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
