import { posix } from "node:path";
import type { BackOff } from "@polyreel/platform/flow";
import type { Log } from "@polyreel/platform/runtime";
import { step } from "@polyreel/platform/telemetry";
import { DEFAULT_TENANT } from "@polyreel/spec";
import type { Destination, DroppedFile, Place, PutOptions, PutResult, Removal } from "../destination.js";
import { plainName } from "../plain-name.js";
import type { Owner } from "../receipt.js";
import type { Source } from "../source.js";
import { TENANTS } from "../tenant-folder.js";
import type { CredentialsSource } from "./credentials-source.js";
import { CurrentCredentials } from "./current-credentials.js";
import { DriveConnection } from "./drive-connection.js";
import { type DriveFile, DriveFiles, isAt, RecentFiles } from "./drive-files.js";
import { DriveFolders, type RootFolder } from "./drive-folders.js";
import { type OwnedFile, ownedFiles } from "./drive-owned-files.js";
import { hasBytes, NO_RECEIPT, plainReceipt, receiptOf } from "./drive-receipt.js";
import { DriveTidier } from "./drive-tidier.js";
import { DriveWriter } from "./drive-writer.js";
import { findCandidates, listNamed, type WantedSpot } from "./find-drive-file.js";
import { findForeignOnDrive } from "./find-foreign-on-drive.js";
import { type DriveScope, GOOGLE_API } from "./google-endpoints.js";
import type { KeptIds } from "./kept-ids.js";

/** A destination on Google Drive, as it is configured. */
export interface DriveConfig {
  /** Of the destination. */
  readonly name: string;
  /** A service account's JSON key, or what `polyreel drive login` wrote. */
  readonly credentials: CredentialsSource;
  /** The folder that paths begin in; one given by path is created if it is missing. */
  readonly folder: RootFolder;
  /** Id of a shared drive, which `folder` is in. */
  readonly sharedDrive?: string | undefined;
  /** Of a service account; a person's consent has its own. `drive.file` by default. */
  readonly scope?: DriveScope | undefined;
  /** Origin of the API, if it is not Google's own. */
  readonly endpoint?: string | undefined;
}

interface DriveDeps {
  readonly ids: KeptIds;
  readonly log?: Log;
  /** Limits, for tests. */
  readonly backOff?: BackOff;
  readonly maxTries?: number;
  readonly deadlineMs?: number;
  readonly chunkBytes?: number;
}

/**
 * A folder of Google Drive. Files appear complete or not at all, each under an id that was recorded before, so that a
 * repeat creates nothing twice; a replaced file keeps its id, and links to it work. Receipts are private properties of
 * the files. Removed files go to the trash. Lists of Drive may miss the writes of the last seconds: whatever must be
 * current is read by id.
 */
export class DriveDestination implements Destination {
  readonly #name: string;
  readonly #files: DriveFiles;
  readonly #folders: DriveFolders;
  readonly #ids: KeptIds;
  readonly #recent = new RecentFiles();
  readonly #writer: DriveWriter;
  readonly #tidier: DriveTidier;

  constructor(config: DriveConfig, { ids, chunkBytes, ...limits }: DriveDeps) {
    const { name: destination, credentials, scope = "drive.file", endpoint = GOOGLE_API } = config;
    const current = new CurrentCredentials(credentials, { scope, endpoint });
    const connection = new DriveConnection(current, { destination, endpoint, ...limits });
    this.#name = destination;
    this.#ids = ids;
    this.#files = new DriveFiles(connection);
    this.#folders = new DriveFolders(this.#files, ids, { ...config, destination });
    this.#tidier = new DriveTidier(this.#files, this.#folders);
    const [files, folders, recent] = [this.#files, this.#folders, this.#recent];
    this.#writer = new DriveWriter({ destination, connection, files, folders, ids, recent, chunkBytes });
  }

  exists(): Promise<boolean> {
    return this.#folders.isReachable();
  }

  async put(source: Source, place: Place, options: PutOptions): Promise<PutResult> {
    const upload = () => this.#writer.put(source, place, options);
    return step("upload", upload);
  }

  async has(path: string): Promise<boolean> {
    const spot = await this.#spotOf(path, "");
    if (!spot) return false;
    const recent = this.#recent.idAt(spot);
    if (recent !== undefined && isAt(await this.#files.get(recent), spot)) return true;
    return (await listNamed(spot, this.#files, this.#folders.driveId)).length > 0;
  }

  /** No release has delivered to Drive without receipts. */
  async recogniseFormer(): Promise<void> {}

  async foreign(...[place, names]: Parameters<Destination["foreign"]>): ReturnType<Destination["foreign"]> {
    // The first delivery creates the root, or fails.
    if (!(await this.#folders.isReachable())) return undefined;
    return findForeignOnDrive(place, names, { files: this.#files, folders: this.#folders });
  }

  async remove(path: string, batchId: string): Promise<Removal> {
    const spot = await this.#spotOf(path, batchId);
    if (!spot) return "gone";
    const { driveId } = this.#folders;
    const deps = { files: this.#files, ids: this.#ids, recent: this.#recent };
    const { files } = await findCandidates(spot, deps, { driveId });
    const own = files.find((file) => receiptOf(file)?.batchId === batchId);
    if (own) return this.#removeOf(batchId, own);
    if (files.length === 0) return "gone";
    return files.some(receiptOf) ? "others" : "changed";
  }

  async removeAllOf(...[of, kept]: Parameters<Destination["removeAllOf"]>): Promise<void> {
    const found: OwnedFile[] = [];
    for await (const one of this.#ownedFiles(of)) if (!kept.has(one.path)) found.push(one);
    for (const { file } of found) {
      const current = await this.#files.get(file.id); // Lists may be old.
      if (current && !current.trashed) await this.#removeOf(of.batchId, current);
    }
  }

  async removeRest(folder: string, names: readonly string[]): Promise<void> {
    const id = await this.#folders.find(folder);
    if (id !== undefined) await this.#tidier.removeRest(id, names, folder === ".");
  }

  async removeEmptySubfolders(folder: string): Promise<void> {
    const id = await this.#folders.find(folder);
    if (id !== undefined) await this.#tidier.removeEmptySubfolders(id);
  }

  /** Google ends the upload sessions of dead processes by itself; they are no files. */
  async removeLeftovers(): Promise<void> {}

  async *dropped(folder: string, owner: Owner, batchIds: ReadonlySet<string>): AsyncGenerator<DroppedFile> {
    for await (const { path, file, receipt, isUnchanged } of this.#ownedFiles({ folder, owner })) {
      if (isUnchanged && !batchIds.has(receipt.batchId)) yield { path, receipt: plainReceipt(file, receipt, owner) };
    }
  }

  #ownedFiles(of: { folder: string; owner: Owner; batchId?: string }): AsyncGenerator<OwnedFile> {
    return ownedFiles(of, { files: this.#files, folders: this.#folders });
  }

  /** Removes a batch's file if it is unchanged; a changed one is foreign from then on. */
  async #removeOf(batchId: string, file: DriveFile): Promise<Removal> {
    const receipt = receiptOf(file);
    if (receipt?.batchId !== batchId) return "others";
    if (!hasBytes(file, receipt)) {
      await this.#files.update(file.id, { appProperties: NO_RECEIPT });
      return "changed";
    }
    await this.#files.trash(file.id);
    return "removed";
  }

  /** Undefined if its folder is missing. */
  async #spotOf(path: string, batchId: string): Promise<WantedSpot | undefined> {
    const folder = posix.dirname(path);
    const folderId = await this.#folders.find(folder);
    if (folderId === undefined) return undefined;
    const name = plainName(posix.basename(path));
    const [top, tenant = ""] = path.split("/");
    const batch = { tenant: top === TENANTS ? tenant : DEFAULT_TENANT, batchId };
    return { folderId, name, key: { batch, destination: this.#name, folderId, name } };
  }
}
