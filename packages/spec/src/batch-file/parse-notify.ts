import { type Notify, NotifySchema } from "@polyreel/contract";
import { isMap, isScalar, isSeq, type Node } from "yaml";
import { convertMessage } from "./convert-message.js";
import { describeNode } from "./describe-node.js";
import type { Problem } from "./problem.js";
import { Reading } from "./reading.js";
import { parseYamlText } from "./yaml-text.js";

/** Stands for every tenant without receivers of its own. */
export const EVERY_TENANT = "*";

/**
 * Parses default receivers: a list as under `notify` of a batch, for every tenant, or such lists by tenant, with "*" for
 * every other one. YAML or JSON. Problems quote no URL: one may contain a key.
 */
export function parseNotify(
  file: string,
  text: string,
): { notify: ReadonlyMap<string, readonly Notify[]>; problems: Problem[] } {
  const { yaml, problems } = parseYamlText(file, text);
  const notify = new Map<string, Notify[]>();
  if (problems.length > 0 || !yaml.root) return { notify, problems };
  const reading = new Reading(yaml);
  const list = (node: Node, field: string): Notify[] => {
    if (!isSeq(node)) {
      reading.refuse(
        node,
        { field },
        `${field || "The value"} must be a list of receivers, not ${describeNode(node)}.`,
      );
      return [];
    }
    return node.items.flatMap((item, i) => {
      const converted = convertMessage(NotifySchema, item as Node, { field: `${field}[${i}]` }, reading);
      return converted ? [converted.message as Notify] : [];
    });
  };
  if (isMap(yaml.root)) {
    for (const { key, value } of yaml.root.items) {
      const tenant = isScalar(key) ? String(key.value) : "";
      if (value !== null) notify.set(tenant, list(value as Node, tenant));
    }
  } else {
    notify.set(EVERY_TENANT, list(yaml.root, ""));
  }
  return { notify, problems: reading.problems.map((one) => ({ ...one, what: withoutQueries(one.what) })) };
}

const withoutQueries = (text: string): string => text.replace(/(https?:\/\/[^\s"?#]*)[?#][^\s"]*/gi, "$1");
