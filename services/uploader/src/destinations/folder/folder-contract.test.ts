import { lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { describeDestination } from "../testing/destination-contract.js";
import { FolderDestination } from "./folder-destination.js";

describeDestination("a folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-destination-"));
  const root = join(folder, "out");
  const at = (path: string) => join(root, path);
  return {
    destination: new FolderDestination(root),
    another: () => new FolderDestination(root),
    read: (path) => readFile(at(path), "utf8"),
    async plant(path, text) {
      await mkdir(dirname(at(path)), { recursive: true });
      await writeFile(at(path), text);
    },
    erase: (path) => rm(at(path)),
    async version(path) {
      const { ino, mtimeNs } = await lstat(at(path), { bigint: true });
      return { ino, mtimeNs };
    },
    async files() {
      const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
      const files = entries.filter((entry) => !entry.isDirectory());
      return files.map((entry) => relative(root, join(entry.parentPath, entry.name)));
    },
    close: () => rm(folder, { recursive: true }),
  };
});
