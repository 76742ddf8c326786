import { type Alias, type Document, isAlias, isNode, LineCounter, type Node, parseDocument, visit } from "yaml";
import type { Problem, Where } from "../problem.js";

/** A parsed YAML file whose nodes still know where they stand. */
export interface YamlText {
  /** As the user named the file. */
  file: string;
  root: Node | null;
  /** Line and column of a node, from 1. */
  position(node: Node): Where;
  /** The node an alias stands for; undefined where its anchor does not come before it. */
  resolve(alias: Alias): Node | undefined;
}

/** Reads YAML (of which JSON is a part) with all its errors at once. */
export function parseYamlText(file: string, text: string): { yaml: YamlText; problems: Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2" });
  const positionAt = (offset: number): Where => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const problems = [...document.errors, ...document.warnings].map((error) => ({
    what: `This is not valid YAML: ${lowerFirst(error.message)}.`,
    where: positionAt(error.pos[0]),
    remedy: REMEDIES[error.code] ?? "Check indentation, quotes and brackets around this place.",
  }));
  const anchored = resolveAliases(document);
  const yaml: YamlText = {
    file,
    root: document.contents,
    position: (node) => positionAt(node.range?.[0] ?? 0),
    resolve: (alias) => anchored.get(alias),
  };
  return { yaml, problems };
}

const REMEDIES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "Name each field once; several choices or blocks are a list, each entry with a dash.",
  MULTIPLE_DOCS: "Write one batch a file: remove the line with three dashes and what follows it.",
  TAB_AS_INDENT: "Indent with spaces instead of tabs.",
  TAG_RESOLVE_FAILED: "Remove the tag (the word with the exclamation mark).",
  MULTILINE_IMPLICIT_KEY: "Put quotes around the text, or check for a missing colon.",
};

/** What each alias stands for, found in one pass: an anchor may be set again, and counts from there on. */
function resolveAliases(document: Document): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const aliases = new Map<Alias, Node>();
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target) aliases.set(node, target);
      } else if (isNode(node) && "anchor" in node && node.anchor) {
        anchors.set(node.anchor, node);
      }
    },
  });
  return aliases;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
