import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFolderStore } from "@polyreel/platform/blobs";
import { credentialsFile } from "../credentials-source.js";
import { type DriveConfig, DriveDestination } from "../drive-destination.js";
import { type KeptIds, keptIdsIn } from "../kept-ids.js";
import { CHUNK_UNIT_BYTES } from "../resumable-upload.js";
import type { DriveUser } from "./drive-user.js";
import { RecordingDrive } from "./recording-drive.js";

/** A destination on a local server, with short delays and small chunks. */
export interface OpenedDrive {
  readonly server: RecordingDrive;
  readonly destination: DriveDestination;
  /** A person's view of My Drive; the destination's folder is Ads/2026. */
  readonly user: DriveUser;
  readonly ids: KeptIds;
  /** Path of the credentials file. */
  readonly credentials: string;
  /** The same destination, opened by another process. */
  another(config?: Partial<DriveConfig>): DriveDestination;
  close(): Promise<void>;
}

export async function openDrive(config: Partial<DriveConfig> = {}): Promise<OpenedDrive> {
  const server = await RecordingDrive.start();
  const folder = await mkdtemp(join(tmpdir(), "polyreel-drive-"));
  const credentials = join(folder, "drive.json");
  await writeFile(credentials, server.userCredentials());
  const ids = keptIdsIn(await openFolderStore(join(folder, "store")));
  const limits = { backOff: { firstMs: 5 }, deadlineMs: 2_000, chunkBytes: CHUNK_UNIT_BYTES };
  const open = (more: Partial<DriveConfig> = {}) => {
    const source = credentialsFile(credentials, "team");
    const given = { name: "team", credentials: source, folder: { path: "Ads/2026" }, endpoint: server.url };
    return new DriveDestination({ ...given, ...config, ...more }, { ids, ...limits });
  };
  return {
    server,
    destination: open(),
    user: server.user(),
    ids,
    credentials,
    another: open,
    async close() {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}
