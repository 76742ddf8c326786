import { type Transcode, TranscodeSchema } from "@polyreel/contract";
import { isMap, isScalar, type Node } from "yaml";
import { checkTranscode } from "../checks/check-transcode.js";
import { normalizeTranscode } from "../normalize-transcode.js";
import { builtInPresets, type Presets } from "../presets.js";
import { convertMessage } from "./convert-message.js";
import type { Problem } from "./problem.js";
import { Reading } from "./reading.js";
import { parseYamlText } from "./yaml-text.js";

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * Parses a file of presets: settings of a transcode, as in batch files, by name. A preset may begin with a built-in one.
 * `check` validates a message by the contract's rules; returns messages.
 */
export function parsePresets(
  file: string,
  text: string,
  check: (settings: Transcode) => readonly string[],
): { presets: Presets; problems: Problem[] } {
  const { yaml, problems } = parseYamlText(file, text);
  const presets = new Map<string, Transcode>();
  if (problems.length > 0 || !yaml.root) return { presets, problems };
  const reading = new Reading(yaml);
  if (!isMap(yaml.root)) {
    reading.refuse(
      yaml.root,
      { field: "presets" },
      "The file must be settings by name.",
      'As in "mobile: {shortSide: 360}".',
    );
    return { presets, problems: reading.problems };
  }
  for (const { key, value } of yaml.root.items) {
    const name = isScalar(key) ? String(key.value) : "";
    const node = (value ?? key) as Node;
    if (!NAME.test(name)) {
      const remedy = 'Use lower-case letters, digits and "-", up to 63 in all.';
      reading.refuse(key as Node, { field: name }, "That can't be a preset's name.", remedy);
      continue;
    }
    const settings = convertMessage(TranscodeSchema, node, { field: name }, reading)?.message as Transcode | undefined;
    if (!settings) continue;
    for (const what of check(settings)) reading.refuse(node, { field: name }, what);
    const normalised = normalizeTranscode(settings, builtInPresets);
    for (const { field, reason, remedy } of checkTranscode(normalised, name, [...builtInPresets.keys()]))
      reading.refuse(node, { field }, reason, remedy);
    presets.set(name, normalised);
  }
  return { presets, problems: reading.problems };
}
