import { isMap, isScalar, type Node, Pair, Scalar, YAMLMap } from "yaml";
import type { Place, Reading } from "../reading.js";
import type { FilesBeside, MediaKind } from "./files-beside.js";

/**
 * The entries that a choice or input stands for whose source is a folder or a pattern: one a file, named by it.
 * Undefined for all others. Problems are reported.
 */
export function expandFiles(given: Node, place: Place, reading: Reading, beside: FilesBeside): Node[] | undefined {
  return reading.follow(given, place, (node) => {
    if (!isMap(node)) return undefined;
    const pair = node.items.find(({ key }) => isScalar(key) && (key.value === "source" || key.value === "image"));
    if (!pair) return undefined;
    const { value: written } = pair;
    if (!isScalar(written) || typeof written.value !== "string" || /^[a-z0-9]+:\/\//i.test(written.value))
      return undefined;
    const field = String((pair.key as Scalar).value);
    const at = { ...place, field: `${place.field}.${field}` };
    const found = beside.listFiles(written.value, kindsOf(place, field));
    if (!found) return undefined;
    if (!("files" in found)) {
      reading.refuse(written, at, found.what, found.remedy);
      return [];
    }
    const { files } = found;
    if (files.length > 1 && node.has("label")) {
      const what = `${JSON.stringify(written.value)} gives ${files.length} choices, which can't have one label.`;
      reading.refuse(written, at, what, "Leave the label out: each choice gets the name of its file.");
      return [];
    }
    return files.map((file) => {
      const path = new Scalar(file);
      path.range = written.range ?? null;
      const choice = new YAMLMap();
      choice.range = node.range ?? null;
      choice.items = node.items.map((one) => (one === pair ? new Pair(one.key, path) : one));
      return choice;
    });
  });
}

/** What a field takes: `blocks[0].audio.choices[1]` and recordings sound, an input anything. */
function kindsOf({ field: choice }: Place, field: string): MediaKind[] {
  if (field === "image") return ["image"];
  if (choice.startsWith("inputs")) return ["video", "image", "audio"];
  return /\.(audio|voice)\./.test(choice) ? ["audio"] : ["video"];
}
