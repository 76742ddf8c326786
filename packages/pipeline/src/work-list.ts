import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type WorkItem, WorkItemSchema, type WorkList, WorkListSchema } from "@polyreel/contract";
import { readBytes, type Store, workListKey } from "@polyreel/platform/blobs";

/** Items in a piece. One piece is in memory at a time, so a list of a million needs no more than this. */
const PIECE_ITEMS = 10_000;

/** Refers to the combinations of a resumed run, as in `batch.resumed`. */
export interface WorkListName {
  readonly batchId: string;
  readonly listId: string;
  readonly pieces: number;
}

/**
 * Writes a list, with items in order of ordinal, before the fact that refers to it; removes it again if the items fail.
 * `store`: the batch's tenant's.
 */
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

/** Items of a list, in order. Throws PolyreelError `not_found` if the store has lost it. */
export async function* readWorkList(store: Store, { batchId, listId, pieces }: WorkListName): AsyncGenerator<WorkItem> {
  for (let piece = 0; piece < pieces; piece++) {
    yield* fromBinary(WorkListSchema, await readBytes(store, workListKey(batchId, listId, piece))).items;
  }
}

/** Removes a list that no fact refers to. */
export async function removeWorkList(store: Store, { batchId, listId, pieces }: WorkListName): Promise<void> {
  await store.remove(Array.from({ length: pieces }, (_, piece) => workListKey(batchId, listId, piece)));
}
