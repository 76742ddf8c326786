import { boxesIn, find, findIn } from "./read-boxes.js";

const EMPTY = Buffer.alloc(0);
/** Version and flags, followed by the number of keys. */
const FULL_BOX = 4;
const KEYS_HEAD = 8;
/** Type and locale, before a value. */
const DATA_HEAD = 8;

/** The keys and values that `tagsBox` wrote into a video's header; empty if there are none. */
export function readTags(header: Buffer): Record<string, string> {
  const meta = findIn(header, "moov", "udta", "meta")?.subarray(FULL_BOX);
  const keys = find(meta, "keys")?.subarray(KEYS_HEAD) ?? EMPTY;
  const names = [...boxesIn(keys)].map(({ content }) => content.toString("utf8"));
  const tags: Record<string, string> = {};
  for (const [i, { content }] of [...boxesIn(find(meta, "ilst") ?? EMPTY)].entries()) {
    // Values are numbered like keys, and in their order.
    const [name, value] = [names[i], find(content, "data")];
    if (name !== undefined && value) tags[name] = value.toString("utf8", DATA_HEAD);
  }
  return tags;
}
