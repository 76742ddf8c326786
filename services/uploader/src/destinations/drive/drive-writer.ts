import { posix } from "node:path";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import type { Place, PutOptions, PutResult } from "../destination.js";
import { plainPath } from "../plain-name.js";
import type { Source } from "../source.js";
import { isOfTenant, notOfTenant } from "../tenant-folder.js";
import { digestOf } from "./digest-source.js";
import type { DriveConnection } from "./drive-connection.js";
import { DAMAGED, driveError, GONE } from "./drive-faults.js";
import { type DriveFile, type DriveFiles, isAt, type RecentFiles } from "./drive-files.js";
import { type DriveFolders, FolderGone } from "./drive-folders.js";
import { type Digest, hasBytes, NO_RECEIPT, receiptProperties } from "./drive-receipt.js";
import { classify, type FoundFile, findCandidates, type WantedSpot } from "./find-drive-file.js";
import type { KeptIds } from "./kept-ids.js";
import { type Upload, type Uploaded, uploadFile } from "./resumable-upload.js";

export interface WriterDeps {
  /** Name of the destination. */
  readonly destination: string;
  readonly connection: DriveConnection;
  readonly files: DriveFiles;
  readonly folders: DriveFolders;
  readonly ids: KeptIds;
  readonly recent: RecentFiles;
  readonly chunkBytes?: number | undefined;
}

/** Attempts while folders are removed, ids are used up or files vanish at the same moment. */
const MAX_TRIES = 5;

/** Puts files into folders of Drive: a file is created under an id that was recorded before, or its bytes are replaced. */
export class DriveWriter {
  constructor(private readonly deps: WriterDeps) {}

  async put(source: Source, place: Place, options: PutOptions): Promise<PutResult> {
    const { subfolders, fileName } = plainPath(place.fileName);
    const inside = posix.join(place.folder, ...subfolders);
    if (!isOfTenant(place.owner.tenant, inside)) throw notOfTenant(inside);
    await options.fence?.();
    for (let tries = 1; ; tries++) {
      try {
        return await this.#putInto(source, place, { subfolders, fileName }, options);
      } catch (error) {
        if (!(error instanceof FolderGone)) throw error;
        if (tries >= MAX_TRIES) throw driveError(this.deps.destination, GONE);
        this.deps.folders.forget();
      }
    }
  }

  async #putInto(
    source: Source,
    place: Place,
    { subfolders, fileName }: { subfolders: readonly string[]; fileName: string },
    options: PutOptions,
  ): Promise<PutResult> {
    const { folders, recent, files } = this.deps;
    const { batchId, owner, folder } = place;
    const { id: folderId, newFolder } = await folders.enter(folder, subfolders, options.signal);
    const key = {
      batch: { tenant: owner.tenant, batchId },
      destination: this.deps.destination,
      folderId,
      name: fileName,
    };
    const delivery = new Delivery({ folderId, name: fileName, key }, source, place, this.deps, options);
    const file = await delivery.run();
    recent.note({ folderId, name: fileName }, file.id);
    await options.fence?.().catch(async (error: unknown) => {
      // Only for a deleted batch: if another batch has its id by now, the file may belong to that one.
      if (toPolyreelError(error).code === "not_found") await files.trash(file.id);
      throw error;
    });
    const location = file.webViewLink ?? `https://drive.google.com/file/d/${file.id}/view`;
    return { path: posix.join(folder, place.fileName), location, newFolder, isKept: true };
  }
}

/** One file on its way. */
class Delivery {
  #digest: Digest | undefined;
  /** Recorded ids whose files were removed. */
  readonly #used = new Set<string>();

  constructor(
    private readonly spot: WantedSpot,
    private readonly source: Source,
    private readonly place: Place,
    private readonly deps: WriterDeps,
    private readonly options: PutOptions,
  ) {}

  /** Throws PolyreelError `conflict` for a foreign file, FolderGone, or what the source and the fence throw. */
  async run(): Promise<DriveFile> {
    const { signal } = this.options;
    // Before looking: a file may appear while the source is read.
    if (this.source.content === undefined) await this.#digestOnce();
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      const { driveId } = this.deps.folders;
      const { files, next } = await findCandidates(this.spot, this.deps, { driveId, signal, used: this.#used });
      const found = classify(files, this.place.owner);
      const delivered = found.kind === "nothing" ? await this.#create(next) : await this.#replace(found);
      if (delivered) return delivered;
    }
    throw new PolyreelError("unavailable", {
      reason: `Another program keeps removing ${this.spot.name} from Google Drive.`,
      remedy: "Configure that program to use another folder.",
    });
  }

  /** Undefined if the recorded id is in use, or was: then there is something to find, or another id to create with. */
  async #create(next: { number: number; id: string | undefined }): Promise<DriveFile | undefined> {
    const { ids, files } = this.deps;
    const { folderId, name, key } = this.spot;
    const digest = await this.#digestOnce(); // A source that fails leaves no id behind.
    const id = next.id ?? (await ids.keep({ ...key, number: next.number }, await files.newId(this.options.signal)));
    const properties = receiptProperties(this.place, digest);
    const metadata = { id, name, parents: [folderId], mimeType: this.#type(), appProperties: properties };
    const uploaded = await this.#upload({ method: "POST", id, metadata }, digest);
    if (uploaded === "gone") throw new FolderGone();
    if (uploaded === "taken") {
      if (!isAt(await files.get(id, this.options.signal), this.spot)) this.#used.add(id);
      return undefined;
    }
    if (uploaded.trashed) throw new FolderGone(); // Created in a folder in the trash.
    if (hasBytes(uploaded, digest)) return uploaded;
    await files.trash(id);
    this.#used.add(id);
    throw driveError(this.deps.destination, DAMAGED);
  }

  /** Undefined if the file vanished meanwhile. */
  async #replace(found: Exclude<FoundFile, { kind: "nothing" }>): Promise<DriveFile | undefined> {
    const { kind, file, receipt } = found;
    const { overwrite } = this.place;
    if (kind === "foreign" && receipt && !overwrite) throw foreign(this.spot.name, found);
    if (kind === "own" && receipt.content === this.source.content) return this.#takeOver(file, receipt);
    const digest = await this.#digestOnce();
    if (kind === "own" && receipt.content === digest.content) return this.#takeOver(file, receipt);
    // Its receipt may be from another release, or it is a person's copy of the same file.
    if (hasBytes(file, digest) && !(kind === "foreign" && receipt)) return this.#takeOver(file, digest);
    if (!mayReplace(found, this.place)) throw foreign(this.spot.name, found);
    const metadata = { mimeType: this.#type(), appProperties: receiptProperties(this.place, digest) };
    const uploaded = await this.#upload({ method: "PATCH", id: file.id, metadata }, digest);
    if (uploaded === "gone" || uploaded === "taken" || uploaded.trashed) return undefined;
    if (hasBytes(uploaded, digest)) return uploaded;
    // Otherwise it would count as changed by a person.
    await this.deps.files.update(file.id, { appProperties: NO_RECEIPT });
    throw driveError(this.deps.destination, DAMAGED);
  }

  /** Leaves the bytes as they are. */
  async #takeOver(file: DriveFile, digest: Pick<Digest, "sha256" | "md5" | "content">): Promise<DriveFile | undefined> {
    const properties = receiptProperties(this.place, digest);
    const { appProperties = {} } = file;
    if (Object.entries(properties).every(([key, value]) => appProperties[key] === value)) return file;
    return this.deps.files.update(file.id, { appProperties: properties }, this.options.signal);
  }

  #upload(upload: Pick<Upload, "method" | "id" | "metadata">, { sizeBytes }: Digest): Promise<Uploaded> {
    const { signal, fence = async () => {} } = this.options;
    const { source } = this;
    return uploadFile(
      this.deps.connection,
      { ...upload, source, sizeBytes, contentType: this.#contentType() },
      { signal, beforeVisible: fence, chunkBytes: this.deps.chunkBytes },
    );
  }

  async #digestOnce(): Promise<Digest> {
    this.#digest ??= await digestOf(this.source, this.options.signal);
    return this.#digest;
  }

  #contentType(): string {
    return this.place.settings?.contentType ?? this.source.contentType;
  }

  /** Without parameters: Drive has a field for the type alone. */
  #type(): string {
    return this.#contentType().split(";")[0]?.trim() ?? "";
  }
}

/** A new attempt of a batch was requested explicitly, so it may replace its earlier file even if that was changed. */
const mayReplace = (found: FoundFile, { overwrite, batchId, attempt }: Place): boolean =>
  overwrite ||
  found.kind === "own" ||
  (found.kind === "changed" && found.receipt.batchId === batchId && found.receipt.attempt < attempt);

function foreign(name: string, { kind, receipt }: Exclude<FoundFile, { kind: "nothing" }>): PolyreelError {
  const batch = kind === "foreign" ? receipt?.name : undefined;
  const origin = batch ? `batch ${JSON.stringify(batch)} delivered it` : "another program or user wrote it";
  return new PolyreelError("conflict", {
    reason: `The existing ${name} in the folder on Google Drive does not belong to this batch: ${origin}.`,
    remedy:
      "Choose another folder or another naming, or overwrite it with --overwrite, or `overwrite: true` of the destination.",
  });
}
