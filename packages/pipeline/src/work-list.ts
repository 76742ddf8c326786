import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type WorkItem, WorkItemSchema, type WorkList, WorkListSchema } from "@polyreel/contract";
import { readBytes, type Store, workListKey } from "@polyreel/platform/blobs";

/** So many items lie in one piece: a list of a million takes no more memory than this. */
const PIECE_ITEMS = 10_000;

/** Which combinations a resumed run works on, as `batch.resumed` names them. */
export interface WorkListName {
  readonly batchId: string;
  readonly listId: string;
  readonly pieces: number;
}

/** Writes a list, its items by ordinal, before the fact that names it; nothing is left of one that breaks off. `store`: the batch's tenant's. */
export async function writeWorkList(
  store: Store,
  { batchId, listId }: Pick<WorkListName, "batchId" | "listId">,
  items: AsyncIterable<MessageInitShape<typeof WorkItemSchema>>,
): Promise<{ pieces: number; combinations: number }> {
  let piece: WorkList = create(WorkListSchema);
  let pieces = 0;
  let combinations = 0;
  let last = -1;
  const write = () => store.put(workListKey(batchId, listId, pieces++), toBinary(WorkListSchema, piece));
  try {
    for await (const item of items) {
      const added = create(WorkItemSchema, item);
      piece.items.push(added);
      if (added.ordinal !== last) combinations++;
      last = added.ordinal;
      if (piece.items.length < PIECE_ITEMS) continue;
      await write();
      piece = create(WorkListSchema);
    }
    if (piece.items.length > 0) await write();
  } catch (error) {
    await removeWorkList(store, { batchId, listId, pieces });
    throw error;
  }
  return { pieces, combinations };
}

/** A list, in its order. Throws PolyreelError `not_found` where the store has lost it. */
export async function* readWorkList(store: Store, { batchId, listId, pieces }: WorkListName): AsyncGenerator<WorkItem> {
  for (let piece = 0; piece < pieces; piece++) {
    yield* fromBinary(WorkListSchema, await readBytes(store, workListKey(batchId, listId, piece))).items;
  }
}

/** Removes a list that no fact names. */
export async function removeWorkList(store: Store, { batchId, listId, pieces }: WorkListName): Promise<void> {
  await store.remove(Array.from({ length: pieces }, (_, piece) => workListKey(batchId, listId, piece)));
}
