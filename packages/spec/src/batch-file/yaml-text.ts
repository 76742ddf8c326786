import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import type { Problem, Where } from "./problem.js";
import { findExcess } from "./yaml-size.js";

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
  const positionAt = (offset: number): Where => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const excess = findExcess(text);
  if (excess) {
    const { offset, ...problem } = excess;
    return {
      yaml: nothing(file),
      problems: [{ ...problem, where: { file, ...(offset > 0 ? at(text, offset) : {}) } }],
    };
  }
  // Its own check for keys that are written twice takes the square of their number.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2", uniqueKeys: false });
  const { anchored, repeated } = lookThrough(document);
  const errors = [...document.errors, ...document.warnings, ...repeated].slice(0, MAX_ERRORS);
  const problems = errors.map((error) => ({
    what: `This is not valid YAML: ${lowerFirst(error.message)}.`,
    where: positionAt(error.pos[0]),
    remedy: REMEDIES[error.code] ?? "Check indentation, quotes and brackets around this place.",
  }));
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

/** Of so many nobody reads the others. */
const MAX_ERRORS = 1000;

const nothing = (file: string): YamlText => ({
  file,
  root: null,
  position: () => ({ file }),
  resolve: () => undefined,
});

function at(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

/**
 * In one pass: what each alias stands for, where an anchor may be set again, and counts from there on; and the keys that
 * are written twice.
 */
function lookThrough(document: Document) {
  const anchors = new Map<string, Node>();
  const anchored = new Map<Alias, Node>();
  const repeated: { code: "DUPLICATE_KEY"; message: string; pos: [number, number] }[] = [];
  visit(document, {
    Node: (_key, node) => {
      if (isMap(node)) {
        const seen = new Set<unknown>();
        for (const { key } of node.items) {
          if (!isScalar(key)) continue;
          const [from = 0, to = 0] = key.range ?? [];
          if (seen.has(key.value)) repeated.push({ code: "DUPLICATE_KEY", message: REPEATED_KEY, pos: [from, to] });
          seen.add(key.value);
        }
      }
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target) anchored.set(node, target);
      } else if (isNode(node) && "anchor" in node && node.anchor) {
        anchors.set(node.anchor, node);
      }
    },
  });
  return { anchored, repeated };
}

const REPEATED_KEY = "Map keys must be unique";

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
