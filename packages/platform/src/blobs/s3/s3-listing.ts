import { checkedKey, checkedKeyPrefix, isKey } from "../keys.js";
import type { BlobInfo, BlobStore } from "../store.js";
import type { S3Client } from "./s3-client.js";
import { infoFromList } from "./s3-objects.js";
import type { S3Presence } from "./s3-presence.js";
import { children, text, type Xml } from "./s3-xml.js";

interface ListingOptions {
  readonly client: S3Client;
  readonly presence: S3Presence;
  readonly pageKeys: number;
}

/** A direct child of a folder of keys: an object, or a folder, whose key ends in "/". */
interface Entry {
  readonly key: string;
  /** Undefined for a folder. */
  readonly info: BlobInfo | undefined;
}

/** Which objects to list. */
interface Listed {
  /** Of their complete keys in the bucket. */
  readonly prefix: string;
  /** Groups keys that contain it after the prefix into folders. */
  readonly delimiter?: string;
  /** A complete key; only later ones are listed. */
  readonly after?: string;
  readonly pageKeys: number;
  readonly signal: AbortSignal | undefined;
}

/** Lists objects page by page. */
export async function* listPages(
  client: S3Client,
  { prefix, delimiter, after = "", pageKeys, signal }: Listed,
): AsyncGenerator<Xml> {
  const query = {
    "list-type": "2",
    "max-keys": String(pageKeys),
    prefix,
    ...(delimiter !== undefined && { delimiter }),
    ...(after !== "" && { "start-after": after }),
  };
  for (let token: string | undefined; token !== ""; ) {
    signal?.throwIfAborted();
    const from = token === undefined ? {} : { "continuation-token": token };
    const { root: answer } = await client.call({ method: "GET", query: { ...query, ...from } }, { signal });
    const [result] = children(answer, "ListBucketResult");
    if (result !== undefined) yield result;
    token = text(result, "IsTruncated") === "true" ? text(result, "NextContinuationToken") : "";
  }
}

interface Level {
  /** Prefix of the keys of its entries: may end within a segment. */
  readonly prefix: string;
  readonly after: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Lists objects in the order of keys, folder by folder and page by page, with one page in memory for each level. A flat list
 * would take fewer requests, but servers that keep folders (SeaweedFS) list `clip/` before `clip-2/`, which is not the order
 * of keys.
 */
export function s3Listing({ client, presence, pageKeys }: ListingOptions): Pick<BlobStore, "list" | "segments"> {
  const { prefix: root } = client.address;

  async function* entries({ prefix, after, signal }: Level): AsyncGenerator<Entry> {
    const listed = { prefix: root + prefix, delimiter: "/", after: after && root + after, pageKeys, signal };
    for await (const page of listPages(client, listed)) {
      const folders = children(page, "CommonPrefixes").map((one): Entry => {
        return { key: text(one, "Prefix").slice(root.length), info: undefined };
      });
      const objects = children(page, "Contents").map((one): Entry => {
        const key = text(one, "Key").slice(root.length);
        return { key, info: infoFromList(key, one) };
      });
      yield* [...folders, ...objects].sort(byKey).filter(({ key, info }) => isKey(info ? key : key.slice(0, -1)));
    }
  }

  async function* listBelow({ prefix, after, signal }: Level): AsyncGenerator<BlobInfo> {
    const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    // The server can start only after an entry of this folder, not after one further down.
    const isEntry = after.startsWith(folder) && !after.slice(folder.length).includes("/");
    for await (const { key, info } of inOrder(entries({ prefix, after: isEntry ? after : "", signal }))) {
      signal?.throwIfAborted();
      if (info) {
        if (key > after) yield info;
      } else if (key > after || after.startsWith(key)) yield* listBelow({ prefix: key, after, signal });
    }
  }

  return {
    async *list(prefix, { after = "", signal } = {}) {
      checkedKeyPrefix(prefix);
      signal?.throwIfAborted();
      await presence.assertThere(signal); // An emptied bucket is not an empty store.
      yield* listBelow({ prefix, after, signal });
    },

    async segments(prefix, { signal } = {}) {
      signal?.throwIfAborted();
      const below = prefix === "" ? "" : `${checkedKey(prefix)}/`;
      await presence.assertThere(signal);
      const found = new Set<string>();
      for await (const { key } of entries({ prefix: below, after: "", signal })) {
        found.add(key.slice(below.length).replace(/\/$/, ""));
      }
      return [...found];
    },
  };
}

const byKey = (a: Entry, b: Entry): number => (a.key < b.key ? -1 : 1);

/** Sorts a folder's entries by key; the server may have sorted folders by their names without the final "/". */
async function* inOrder(entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  // Folders that later entries may precede: by name "clip" precedes "clip-2", by key "clip-2/" precedes "clip/".
  const held: Entry[] = [];
  for await (const entry of entries) {
    while (held[0] && held[0].key < entry.key) yield held.shift() as Entry;
    if (entry.info) yield entry;
    else held.push(entry);
    held.sort(byKey);
  }
  yield* held;
}
