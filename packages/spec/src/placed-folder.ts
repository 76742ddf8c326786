/** A folder or file, in the uploader's own folder or in a configured destination. */
export interface Placed {
  /** The destination's name; empty: the uploader's own folder. */
  readonly destination: string;
  /** One of its buckets; empty: its own. */
  readonly bucket: string;
  /** Segments separated by "/"; "." is the root. */
  readonly path: string;
}

/** Names of folders and files have no ":", so that no path of the uploader's own folder looks like another's. */
const IN_DESTINATION = /^([a-z][a-z0-9-]*):([a-z0-9.-]*)(?:\/(.*))?$/s;

/**
 * Spells a folder or file as one path, which facts, receipts and clients carry: `spring/a.mp4`, `ads:/spring/a.mp4`,
 * `ads:bucket/spring/a.mp4`; a destination's root is `ads:`. Paths are joined and split as usual.
 */
export function spellPlaced({ destination, bucket, path }: Placed): string {
  if (destination === "") return path;
  return path === "." ? `${destination}:${bucket}` : `${destination}:${bucket}/${path}`;
}

export function parsePlaced(spelt: string): Placed {
  const [, destination = "", bucket = "", path = "."] = IN_DESTINATION.exec(spelt) ?? [];
  return destination === "" ? { destination, bucket: "", path: spelt } : { destination, bucket, path };
}
