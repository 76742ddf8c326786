import type { Platform } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import { describeS3 } from "@polyreel/platform/blobs";
import type { DestinationSettings } from "./configured/settings.js";
import type { Destination } from "./destination.js";
import { FolderDestination } from "./folder/folder-destination.js";

/** Opens a configured destination; nothing is read before its first use. `bucket`: an allowed one; empty: its own. */
export type OpenDestination = (settings: DestinationSettings, bucket: string) => Destination;

/** The one place that knows every type. Destinations may keep their records in the installation's store. */
export const destinationOpener =
  (_shared: Pick<Platform, "store" | "log">): OpenDestination =>
  (settings, _bucket) => {
    switch (settings.type) {
      case "folder":
        return new FolderDestination(settings.path, { created: false });
      case "s3":
      case "drive":
        throw new PolyreelError("precondition", {
          reason: `This release delivers nothing to destinations of the type ${settings.type}.`,
          remedy: "Name another destination.",
        });
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
