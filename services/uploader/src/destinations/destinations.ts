import { type Placed, parsePlaced, spellPlaced } from "@polyreel/spec";
import type { ConfiguredDestinations } from "./configured/configured-destinations.js";
import type { Destination, DroppedFile, Place, PutOptions, PutResult } from "./destination.js";
import type { Owner } from "./receipt.js";
import type { Source } from "./source.js";

/** A destination with a folder or file in it. */
interface Found {
  readonly destination: Destination;
  readonly path: string;
  /** Spells a path in the destination as others know it. */
  readonly spell: (path: string) => string;
}

/**
 * The uploader's own folder and the configured destinations as one: folders and paths are spelt as by `spellPlaced`.
 * Files that were delivered stay reachable for their batch, even if its tenant may no longer use the destination.
 */
export class Destinations implements Destination {
  constructor(
    private readonly own: Destination,
    private readonly configured: ConfiguredDestinations,
  ) {}

  async exists(folder = "."): Promise<boolean> {
    const { destination: name, bucket } = parsePlaced(folder);
    if (name === "") return this.own.exists();
    try {
      return await (await this.configured.former(name)).in(bucket).exists();
    } catch {
      return false;
    }
  }

  async put(source: Source, place: Place, options: PutOptions): Promise<PutResult> {
    const { destination, path, spell } = await this.#allowed(place);
    const { newFolder, ...put } = await destination.put(source, { ...place, folder: path }, options);
    return { ...put, path: spell(put.path), newFolder: newFolder === undefined ? undefined : spell(newFolder) };
  }

  async has(path: string): Promise<boolean> {
    const found = await this.#former(path);
    return found.destination.has(found.path);
  }

  async link(path: string, lifetimeMs: number): Promise<string | undefined> {
    const found = await this.#former(path);
    return found.destination.link?.(found.path, lifetimeMs);
  }

  /** No release delivered to configured destinations without receipts. */
  async recogniseFormer(folder: string, owner: Owner): Promise<void> {
    if (parsePlaced(folder).destination === "") await this.own.recogniseFormer(folder, owner);
  }

  async foreign(...[place, names]: Parameters<Destination["foreign"]>): ReturnType<Destination["foreign"]> {
    const { destination, path } = await this.#allowed(place);
    return destination.foreign({ ...place, folder: path }, names);
  }

  async remove(...[path, batchId, isDelivered]: Parameters<Destination["remove"]>): ReturnType<Destination["remove"]> {
    const found = await this.#former(path);
    return found.destination.remove(found.path, batchId, isDelivered);
  }

  async removeAllOf(...[of, kept]: Parameters<Destination["removeAllOf"]>): Promise<void> {
    const { destination, path, spell } = await this.#former(of.folder);
    const inside = [...kept].flatMap((one) => {
      const placed = parsePlaced(one);
      return spell(placed.path) === one ? placed.path : [];
    });
    await destination.removeAllOf({ ...of, folder: path }, new Set(inside));
  }

  async removeRest(folder: string, names: readonly string[], batchId: string): Promise<void> {
    const { destination, path } = await this.#former(folder);
    await destination.removeRest(path, names, batchId);
  }

  async removeEmptySubfolders(folder: string, batchId: string): Promise<void> {
    const { destination, path } = await this.#former(folder);
    await destination.removeEmptySubfolders(path, batchId);
  }

  async removeLeftovers({ batchId, folder }: { readonly batchId: string; readonly folder: string }): Promise<void> {
    const { destination, path } = await this.#former(folder);
    await destination.removeLeftovers({ batchId, folder: path });
  }

  async *dropped(folder: string, owner: Owner, batchIds: ReadonlySet<string>): AsyncGenerator<DroppedFile> {
    const { destination, path, spell } = await this.#former(folder);
    for await (const file of destination.dropped(path, owner, batchIds)) yield { ...file, path: spell(file.path) };
  }

  /**
   * Throws PolyreelError `unavailable` for a destination that the tenant may not use (when the file of settings is
   * replaced, this process may have the older one), and `invalid` for a bucket that is not allowed.
   */
  async #allowed({ folder, owner }: Pick<Place, "folder" | "owner">): Promise<Found> {
    const placed = parsePlaced(folder);
    if (placed.destination === "") return this.#inOwn(placed);
    const configured = await this.configured.find(placed.destination, owner.tenant, "unavailable");
    return found(configured.in(placed.bucket), placed);
  }

  async #former(spelt: string): Promise<Found> {
    const placed = parsePlaced(spelt);
    if (placed.destination === "") return this.#inOwn(placed);
    return found((await this.configured.former(placed.destination)).in(placed.bucket), placed);
  }

  #inOwn = (placed: Placed): Found => found(this.own, placed);
}

const found = (destination: Destination, placed: Placed): Found => ({
  destination,
  path: placed.path,
  spell: (path) => spellPlaced({ ...placed, path }),
});
