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
import { slipBehind } from "./yaml-slips.js";

/** A parsed YAML file whose nodes know their positions. */
export interface YamlText {
  /** As given by the user. */
  file: string;
  root: Node | null;
  /** Line and column of a node, from 1. */
  position(node: Node): Where;
  /** The node that an alias refers to; undefined if its anchor does not precede it. */
  resolve(alias: Alias): Node | undefined;
}

/** Parses YAML (a superset of JSON), finding its first error, or all duplicate keys. */
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
  // The library's own check for duplicate keys is quadratic in their number.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2", uniqueKeys: false });
  const { anchored, repeated } = scanNodes(document);
  // One slip mostly has several errors: those after the first are of no use until it is mended.
  const [first] = [...document.errors, ...document.warnings].sort((one, other) => one.pos[0] - other.pos[0]);
  const errors = first ? [first] : repeated.slice(0, MAX_ERRORS);
  const problems = errors.map(({ code, message, pos: [from] }) => {
    const { offset, remedy } = slipBehind(text, { code, message, offset: from });
    return { what: `This is not valid YAML: ${lowerFirst(message)}.`, where: positionAt(offset), remedy };
  });
  const yaml: YamlText = {
    file,
    root: document.contents,
    position: (node) => positionAt(node.range?.[0] ?? 0),
    resolve: (alias) => anchored.get(alias),
  };
  return { yaml, problems };
}

/** More would not be read. */
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
 * Collects in one pass the targets of aliases (an anchor may be redefined, and applies from there on) and duplicate
 * keys.
 */
function scanNodes(document: Document) {
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
