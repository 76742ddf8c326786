import { PolyreelError } from "@polyreel/platform";
import { LRUCache } from "lru-cache";
import type { DriveConnection } from "./drive-connection.js";
import { FOLDER_TYPE } from "./drive-query.js";
import { unlessAborted } from "./unless-aborted.js";

/** A file or folder of Drive, as far as it is requested. */
export interface DriveFile {
  readonly id: string;
  readonly name: string;
  readonly mimeType: string;
  readonly parents?: readonly string[];
  readonly trashed?: boolean;
  /** False if it is in the trash only because its folder is. */
  readonly explicitlyTrashed?: boolean;
  /** Bytes, as a decimal number; absent for folders and documents. */
  readonly size?: string;
  readonly md5Checksum?: string;
  readonly sha256Checksum?: string;
  readonly appProperties?: Readonly<Record<string, string>>;
  readonly createdTime?: string;
  readonly webViewLink?: string;
  /** The shared drive that it is in. */
  readonly driveId?: string;
}

/** What is set at a file; a property of null is removed. */
export interface FileMetadata {
  readonly id?: string;
  readonly name?: string;
  readonly mimeType?: string;
  readonly parents?: readonly string[];
  readonly trashed?: boolean;
  readonly appProperties?: Readonly<Record<string, string | null>>;
}

const FIELDS =
  "id,name,mimeType,parents,trashed,explicitlyTrashed,size,md5Checksum,sha256Checksum,appProperties,createdTime,webViewLink,driveId";
const PAGE_SIZE = "1000";
/** Ids of one request: unused ones are lost, which costs nothing. */
const IDS_AT_ONCE = "100";

export const EVERY_DRIVE = { supportsAllDrives: "true", fields: FIELDS } as const;

export const isFolder = ({ mimeType }: DriveFile): boolean => mimeType === FOLDER_TYPE;

/** Documents, shortcuts and folders have no bytes. */
export const isBinary = ({ mimeType }: DriveFile): boolean => !mimeType.startsWith("application/vnd.google-apps.");

/** Calls of Drive's API on files, except for uploads. */
export class DriveFiles {
  readonly #ids: string[] = [];
  #fetching: Promise<void> | undefined;

  constructor(private readonly connection: DriveConnection) {}

  /** An id that no file has yet. */
  async newId(signal?: AbortSignal): Promise<string> {
    for (;;) {
      const id = this.#ids.pop();
      if (id !== undefined) return id;
      this.#fetching ??= this.#fetchIds().finally(() => {
        this.#fetching = undefined;
      });
      await unlessAborted(this.#fetching, signal);
    }
  }

  async #fetchIds(): Promise<void> {
    const query = { count: IDS_AT_ONCE, space: "drive", type: "files" };
    const { data } = await this.connection.request({ method: "GET", path: "/drive/v3/files/generateIds", query });
    const { ids = [] } = data as { ids?: string[] };
    if (ids.length === 0) throw new PolyreelError("unavailable", "Google Drive generated no file ids.");
    this.#ids.push(...ids.reverse());
  }

  /** Undefined if it does not exist, or the account may not see it. Always current, unlike lists. */
  async get(id: string, signal?: AbortSignal): Promise<DriveFile | undefined> {
    const path = `/drive/v3/files/${encodeURIComponent(id)}`;
    const { status, data } = await this.connection.request(
      { method: "GET", path, query: EVERY_DRIVE, accept: [404] },
      signal,
    );
    return status === 404 ? undefined : (data as DriveFile);
  }

  /** Files that match a search, in no order. Lists may miss files of the last seconds. */
  async *list(search: string, driveId?: string, signal?: AbortSignal): AsyncGenerator<DriveFile> {
    const drive: Record<string, string> = driveId === undefined ? {} : { corpora: "drive", driveId };
    for (let pageToken: string | undefined = ""; pageToken !== undefined; ) {
      const { data } = await this.connection.request(
        {
          method: "GET",
          path: "/drive/v3/files",
          query: {
            q: search,
            ...drive,
            includeItemsFromAllDrives: "true",
            supportsAllDrives: "true",
            pageSize: PAGE_SIZE,
            fields: `nextPageToken,files(${FIELDS})`,
            ...(pageToken !== "" && { pageToken }),
          },
        },
        signal,
      );
      const page = data as { files?: DriveFile[]; nextPageToken?: string };
      yield* page.files ?? [];
      pageToken = page.nextPageToken;
    }
  }

  /** `taken` if the id exists already, `no parent` if the parent does not. */
  async createFolder(metadata: FileMetadata, signal?: AbortSignal): Promise<DriveFile | "taken" | "no parent"> {
    const body = { ...metadata, mimeType: FOLDER_TYPE };
    const { status, data } = await this.connection.request(
      { method: "POST", path: "/drive/v3/files", query: EVERY_DRIVE, body, accept: [404, 409] },
      signal,
    );
    if (status === 409) return "taken";
    return status === 404 ? "no parent" : (data as DriveFile);
  }

  /** Undefined if it does not exist. */
  async update(id: string, metadata: FileMetadata, signal?: AbortSignal): Promise<DriveFile | undefined> {
    const path = `/drive/v3/files/${encodeURIComponent(id)}`;
    const { status, data } = await this.connection.request(
      { method: "PATCH", path, query: EVERY_DRIVE, body: metadata, accept: [404] },
      signal,
    );
    return status === 404 ? undefined : (data as DriveFile);
  }

  /** Moves to the trash, from where Google removes it after 30 days. */
  async trash(id: string): Promise<void> {
    await this.update(id, { trashed: true });
  }
}

/** Limit of remembered ids, by last use. */
const MAX_RECENT = 10_000;

/** Ids of files that this process has just written: lists may not have them yet. */
export class RecentFiles {
  readonly #ids = new LRUCache<string, string>({ max: MAX_RECENT });

  note({ folderId, name }: Spot, id: string): void {
    this.#ids.set(keyOf(folderId, name), id);
  }

  idAt({ folderId, name }: Spot): string | undefined {
    return this.#ids.get(keyOf(folderId, name));
  }
}

/** A name in a folder. */
export interface Spot {
  readonly folderId: string;
  readonly name: string;
}

const keyOf = (folderId: string, name: string): string => `${folderId}/${name}`;

/** Stands for My Drive: with the scope drive.file its real id may be unknown. */
export const MY_DRIVE = "root";

/** Whether a file is at a spot: not moved, renamed or removed by anybody. */
export const isAt = (file: DriveFile | undefined, { folderId, name }: Spot): file is DriveFile =>
  file !== undefined &&
  file.trashed !== true &&
  file.name === name &&
  (folderId === MY_DRIVE || (file.parents ?? []).includes(folderId));
