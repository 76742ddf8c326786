import type { Platform } from "@polyreel/pipeline";
import { type Secrets, s3KeysOf } from "@polyreel/pipeline/settings";
import { describeS3 } from "@polyreel/platform/blobs";
import type { DestinationSettings } from "./configured/settings.js";
import type { Destination } from "./destination.js";
import { credentialsSource } from "./drive/credentials-source.js";
import { DriveDestination } from "./drive/drive-destination.js";
import { keptIdsIn } from "./drive/kept-ids.js";
import { FolderDestination } from "./folder/folder-destination.js";
import { titleOf } from "./s3/destination-terms.js";
import { S3Destination } from "./s3/s3-destination.js";

/** Opens a configured destination; nothing is read before its first use. `bucket`: an allowed one; empty: its own. */
export type OpenDestination = (settings: DestinationSettings, bucket: string) => Destination;

/** The one place that knows every type. Destinations may keep their records in the installation's store. */
export const destinationOpener =
  ({ store, log, secrets }: Pick<Platform, "store" | "log"> & { readonly secrets: Secrets }): OpenDestination =>
  (settings, bucket) => {
    const { name, type } = settings;
    switch (type) {
      case "folder":
        return new FolderDestination(settings.path, { created: false });
      case "s3": {
        const address = bucket === "" ? settings.address : { ...settings.address, bucket };
        return new S3Destination({ name, address, keys: s3KeysOf(settings.credentials, titleOf(name), secrets) });
      }
      case "drive": {
        const { folder = "root" } = settings;
        const credentials = credentialsSource(settings.credentials, name, secrets);
        return new DriveDestination({ ...settings, folder, credentials }, { ids: keptIdsIn(store), log });
      }
    }
  };

/** A destination's address for people, without keys. */
export function addressOf(settings: DestinationSettings): string {
  switch (settings.type) {
    case "folder":
      return settings.path;
    case "s3":
      return describeS3(settings.address);
    case "drive": {
      const { folder, sharedDrive } = settings;
      const below = folder === undefined ? "" : "id" in folder ? `folder ${folder.id}` : folder.path;
      return [sharedDrive === undefined ? "My Drive" : `shared drive ${sharedDrive}`, below].filter(Boolean).join(", ");
    }
  }
}
