import { hash } from "node:crypto";
import { driveFileIdKey, driveFolderIdKey, readBytesIfAny, type Store, scopedStore } from "@polyreel/platform/blobs";
import { DEFAULT_TENANT } from "@polyreel/spec";

/** What an id is kept for. */
export interface IdKey {
  /** The batch of a file: its ids are removed with it. Undefined for folders, which batches share. */
  readonly batch: { readonly tenant: string; readonly batchId: string } | undefined;
  readonly destination: string;
  readonly folderId: string;
  readonly name: string;
  /** From 0: one more after each removal, because an id is used only once. */
  readonly number: number;
}

/**
 * Ids of files and folders, recorded before they are created: a repeat after a crash, or another uploader at the same
 * time, uses the same id, and Google refuses to create it twice.
 */
export interface KeptIds {
  find(key: IdKey): Promise<string | undefined>;
  /** Keeps an id unless the key has one; returns the key's id. */
  keep(key: IdKey, id: string): Promise<string>;
}

/** Keeps ids in the store of the installation, which all uploaders share. */
export function keptIdsIn(store: Store): KeptIds {
  const placeOf = ({ batch, ...key }: IdKey) => {
    const name = hash("sha256", JSON.stringify([key.destination, key.folderId, key.name, key.number]), "hex");
    return {
      at: scopedStore(store, batch?.tenant || DEFAULT_TENANT),
      key: batch ? driveFileIdKey(batch.batchId, name) : driveFolderIdKey(name),
    };
  };
  const find = async (key: IdKey) => {
    const place = placeOf(key);
    return (await readBytesIfAny(place.at, place.key))?.toString();
  };
  return {
    find,
    async keep(key, id) {
      const place = placeOf(key);
      if (await place.at.put(place.key, Buffer.from(id), { ifAbsent: true })) return id;
      return (await find(key)) ?? id;
    },
  };
}

/** The last of the ids that were kept for a name, and its number. */
export async function lastKeptId(
  ids: KeptIds,
  key: Omit<IdKey, "number">,
): Promise<{ readonly number: number; readonly id: string | undefined }> {
  let last: { number: number; id: string | undefined } = { number: 0, id: undefined };
  for (let number = 0; ; number++) {
    const id = await ids.find({ ...key, number });
    if (id === undefined) return last;
    last = { number, id };
  }
}
