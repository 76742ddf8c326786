import { create } from "@bufbuild/protobuf";
import { type Batch, type Rework, type Target, TargetSchema } from "@polyreel/contract";
import {
  deliveriesOf,
  deliveryFolders,
  type EarlierBatches,
  folderOf,
  isVirtual,
  objectSettingsOf,
} from "@polyreel/spec";

/** The deliveries of a normalised batch, by number. */
export function targetsOf(batch: Batch, batchId: string, earlier: readonly EarlierBatches[]): Target[] {
  const folders = deliveryFolders(batch, batchId, earlier);
  return deliveriesOf(batch).map(({ number: delivery, destination }) => {
    const object = objectSettingsOf(destination);
    return create(TargetSchema, {
      folder: folders[delivery] ?? batchId,
      virtual: isVirtual(destination),
      overwrite: folderOf(destination)?.overwrite ?? false,
      delivery,
      awaitsApproval: batch.approve,
      ...(object && { object }),
    });
  });
}

/** A delivery after its approval. */
export const approved = (target: Target): Target => ({ ...target, awaitsApproval: false });

/** A delivery in a resumed run. A request with another folder also decides how files are delivered there. */
export function retarget(target: Target, rework: Rework | undefined): Target {
  const { object: own, ...rest } = target;
  const object = rework?.folder ? rework.object : own;
  return {
    ...rest,
    ...(object && { object }),
    overwrite: rework?.overwrite || (!rework?.folder && target.overwrite),
    folder: rework?.folder || target.folder,
    virtual: target.virtual && !rework?.written,
  };
}
