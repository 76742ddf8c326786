import { createHash, randomBytes } from "node:crypto";
import { FOLDER_TYPE } from "../drive-query.js";

/** Id of My Drive. */
export const MY_DRIVE_ID = "0AMyDrive";

export interface StoredFile {
  readonly id: string;
  name: string;
  mimeType: string;
  parents: string[];
  /** Explicitly; files in a folder in the trash are there, too. */
  trashed: boolean;
  appProperties: Map<string, string>;
  readonly createdTime: string;
  /** Undefined for folders. */
  bytes: Buffer | undefined;
  /** Number of times that the bytes were written. */
  revision: number;
}

export const typeOf = ({ mimeType }: StoredFile): string => mimeType;

/** The files of a Drive, and the older state of them that lists show. */
export class DriveContents {
  readonly files = new Map<string, StoredFile>();
  readonly issuedIds = new Set<string>();
  readonly sharedDrives = new Set<string>();
  #listed: ReadonlyMap<string, StoredFile> | undefined;
  #created = 0;

  constructor() {
    this.#addRoot(MY_DRIVE_ID, "My Drive");
  }

  addSharedDrive(id: string): void {
    this.#addRoot(id, id);
    this.sharedDrives.add(id);
  }

  #addRoot(id: string, name: string): void {
    this.files.set(id, { ...this.#blank(id, name), mimeType: FOLDER_TYPE });
  }

  #blank(id: string, name: string): StoredFile {
    const createdTime = new Date(Date.UTC(2026, 0, 1) + this.#created++).toISOString();
    const fresh = { parents: [], trashed: false, appProperties: new Map(), bytes: undefined, revision: 0 };
    return { id, name, mimeType: "application/octet-stream", createdTime, ...fresh };
  }

  issueId(): string {
    const id = `1${randomBytes(16).toString("hex")}`;
    this.issuedIds.add(id);
    return id;
  }

  create(id: string, name: string, parents: readonly string[]): StoredFile {
    const file = { ...this.#blank(id, name), parents: [...parents] };
    this.files.set(id, file);
    return file;
  }

  write(file: StoredFile, bytes: Buffer): void {
    file.bytes = bytes;
    file.revision++;
  }

  isTrashed(file: StoredFile, files: ReadonlyMap<string, StoredFile> = this.files): boolean {
    if (file.trashed) return true;
    return file.parents.some((id) => {
      const parent = files.get(id);
      return parent !== undefined && this.isTrashed(parent, files);
    });
  }

  driveIdOf(file: StoredFile): string | undefined {
    if (this.sharedDrives.has(file.id)) return file.id;
    const parent = this.files.get(file.parents[0] ?? "");
    return parent && this.driveIdOf(parent);
  }

  /** From now on lists show the current state only: Drive's lists are eventually consistent. */
  freezeLists(): void {
    const copies = [...this.files].map(([id, file]): [string, StoredFile] => [
      id,
      { ...file, parents: [...file.parents], appProperties: new Map(file.appProperties) },
    ]);
    this.#listed = new Map(copies);
  }

  thawLists(): void {
    this.#listed = undefined;
  }

  get listed(): ReadonlyMap<string, StoredFile> {
    return this.#listed ?? this.files;
  }

  get usedBytes(): number {
    return [...this.files.values()].reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
  }

  /** As the API shows a file. */
  shown(file: StoredFile, files: ReadonlyMap<string, StoredFile> = this.files): Record<string, unknown> {
    const { bytes } = file;
    const driveId = this.driveIdOf(file);
    return {
      id: file.id,
      name: file.name,
      mimeType: file.mimeType,
      parents: file.parents,
      trashed: this.isTrashed(file, files),
      explicitlyTrashed: file.trashed,
      appProperties: Object.fromEntries(file.appProperties),
      createdTime: file.createdTime,
      webViewLink: `https://drive.google.com/file/d/${file.id}/view?usp=drivesdk`,
      ...(driveId !== undefined && { driveId }),
      ...(bytes && {
        size: String(bytes.length),
        md5Checksum: createHash("md5").update(bytes).digest("hex"),
        sha256Checksum: createHash("sha256").update(bytes).digest("hex"),
      }),
    };
  }
}
