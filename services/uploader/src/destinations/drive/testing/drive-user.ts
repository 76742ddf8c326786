import { posix } from "node:path";
import { FOLDER_TYPE } from "../drive-query.js";
import { type DriveContents, MY_DRIVE_ID, type StoredFile } from "./drive-contents.js";

/** A person's view of a Drive and changes to it. Paths are relative to a folder. */
export class DriveUser {
  constructor(
    private readonly contents: DriveContents,
    private readonly top: string = MY_DRIVE_ID,
  ) {}

  /** Paths of all files outside the trash, sorted; a name that several files have occurs several times. */
  files(): string[] {
    const isFile = ({ bytes }: StoredFile) => bytes !== undefined;
    return this.#all(isFile);
  }

  /** The same for folders. */
  folders(): string[] {
    const isFolder = ({ mimeType, parents }: StoredFile) => mimeType === FOLDER_TYPE && parents.length > 0;
    return this.#all(isFolder);
  }

  read(path: string): string {
    return this.at(path).bytes?.toString() ?? "";
  }

  /** Creates a file, or changes it. */
  plant(path: string, text: string): void {
    const existing = this.#find(path);
    const file = existing ?? this.#create(posix.basename(path), this.folder(posix.dirname(path)).id);
    this.contents.write(file, Buffer.from(text));
  }

  /** Moves a file or folder to the trash. */
  erase(path: string): void {
    this.at(path).trashed = true;
  }

  /** Changes with every write of the bytes. */
  version(path: string): string {
    const { id, revision } = this.at(path);
    return `${id} ${revision}`;
  }

  at(path: string): StoredFile {
    const found = this.#find(path);
    if (!found) throw new Error(`${path} does not exist.`);
    return found;
  }

  /** The folder, created if it is missing. */
  folder(path: string): StoredFile {
    if (path === ".") return this.at(".");
    const existing = this.#find(path);
    if (existing) return existing;
    const made = this.#create(posix.basename(path), this.folder(posix.dirname(path)).id);
    made.mimeType = FOLDER_TYPE;
    return made;
  }

  #create(name: string, parent: string): StoredFile {
    return this.contents.create(this.contents.issueId(), name, [parent]);
  }

  #find(path: string): StoredFile | undefined {
    const { files } = this.contents;
    let at = files.get(this.top);
    for (const name of path === "." ? [] : path.split("/")) {
      at = [...files.values()].find(
        (file) => file.name === name && file.parents.includes(at?.id ?? "") && !this.contents.isTrashed(file),
      );
    }
    return at;
  }

  #all(matches: (file: StoredFile) => boolean): string[] {
    const { files } = this.contents;
    const pathOf = (file: StoredFile): string | undefined => {
      const parent = file.parents[0] ?? "";
      if (parent === this.top) return file.name;
      const folder = files.get(parent);
      const above = folder && pathOf(folder);
      return above === undefined ? undefined : `${above}/${file.name}`;
    };
    const found = [...files.values()].filter((file) => matches(file) && !this.contents.isTrashed(file));
    return found.flatMap((file) => pathOf(file) ?? []).sort();
  }
}
