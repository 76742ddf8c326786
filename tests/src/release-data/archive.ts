import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

/** Data of the last release, as main.ts recorded it. */
export const ARCHIVE = fileURLToPath(new URL("../../src/release-data/last-release.tar.br", import.meta.url));

/** Packs a folder; returns the archive's size in bytes. */
export async function packData(folder: string): Promise<number> {
  const tar = `${folder}.tar`;
  const owner = ["--owner=0", "--group=0", "--numeric-owner"];
  await promisify(execFile)("tar", ["--format=posix", "--sort=name", ...owner, "-cf", tar, "-C", folder, "."]);
  const params = {
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_LARGE_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_LARGE_WINDOW]: 1,
  };
  const packed = await promisify(brotliCompress)(await readFile(tar), { params });
  await rm(tar);
  await writeFile(ARCHIVE, packed);
  return packed.length;
}
