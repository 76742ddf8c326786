import { execFile } from "node:child_process";
import { mkdtemp, open, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ZipEntry, ZipSize, zipArchive } from "./zip-archive.js";

const run = promisify(execFile);
const TIME = new Date("2031-02-03T04:05:06Z");

const unzip = await run("unzip", ["-v"]).catch(() => undefined);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-zip-"));
});
afterAll(() => rm(folder, { recursive: true }));

const entry = (name: string, ...chunks: Buffer[]): ZipEntry => ({
  ...{ name, modifiedAt: TIME, sizeBytes: chunks.reduce((sum, { length }) => sum + length, 0) },
  bytes: Readable.from(chunks),
});

async function* each<T>(items: Iterable<T>) {
  yield* items;
}

async function write(name: string, entries: AsyncIterable<ZipEntry>): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, zipArchive(entries));
  return path;
}

/** Reads an archive by Python, whose module checks each record. */
const python = async (script: string, path: string): Promise<string> =>
  (await run("python3", ["-c", `import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\n${script}`, path])).stdout;

describe("zipArchive", () => {
  it("is read by unzip and by Python: names, bytes, times", async () => {
    const files = [
      entry("one/a.mp4", Buffer.from("abc"), Buffer.from("def")),
      entry("à la carte 👋.txt"),
      entry("z", Buffer.alloc(99_999, 7)),
    ];
    const path = await write("small.zip", each(files));
    if (unzip) expect((await run("unzip", ["-t", path])).stdout).toContain("No errors detected");
    const printed = await python(
      "print(z.testzip(), [(i.filename, i.file_size, i.date_time, i.compress_type) for i in z.infolist()], z.read('one/a.mp4'))",
      path,
    );
    const time = "(2031, 2, 3, 4, 5, 6), 0)";
    expect(printed).toBe(
      `None [('one/a.mp4', 6, ${time}, ('à la carte 👋.txt', 0, ${time}, ('z', 99999, ${time}] b'abcdef'\n`,
    );
  });

  it("is read with more files than 16 bits count, in a directory of bounded memory", async () => {
    const count = 66_000;
    const size = new ZipSize();
    const before = process.memoryUsage().rss;
    async function* many() {
      for (let i = 0; i < count; i++) {
        const name = `some folder/combination-${i}.mp4`;
        size.add(name, 10);
        yield entry(name, Buffer.from(String(i).padStart(10, "0")));
      }
    }
    const path = await write("many.zip", many());
    expect((process.memoryUsage().rss - before) / 1e6).toBeLessThan(250);
    expect((await stat(path)).size).toBe(size.totalBytes);
    expect(await python(`print(len(z.infolist()), z.read('some folder/combination-65999.mp4'))`, path)).toBe(
      "66000 b'0000065999'\n",
    );
  }, 60_000);

  it("is read with files and positions beyond 32 bits", async () => {
    const zeros = Buffer.alloc(16 << 20);
    const sizeBytes = 5 * 1024 ** 3;
    async function* bytes() {
      for (let size = 0; size < sizeBytes; size += zeros.length) yield zeros;
    }
    const entries = [
      { name: "large", modifiedAt: TIME, sizeBytes, bytes: bytes() },
      entry("last", Buffer.from("last")),
    ];
    const path = join(folder, "large.zip");
    let end = 0;
    await using file = await open(path, "w");
    for await (const chunk of zipArchive(each(entries))) {
      if (chunk !== zeros) await file.write(chunk, 0, chunk.length, end); // The file is sparse.
      end += chunk.length;
    }
    const size = new ZipSize();
    size.add("large", sizeBytes);
    size.add("last", 4);
    expect(end).toBe(size.totalBytes);
    const offset = 30 + "large".length + 20 + 9 + sizeBytes + 24;
    const script = "print([(i.filename, i.file_size, i.header_offset) for i in z.infolist()], z.read('last'))";
    expect(await python(script, path)).toBe(`[('large', ${sizeBytes}, 0), ('last', 4, ${offset})] b'last'\n`);
  }, 30_000);

  it("ends without a directory if a file has another size", async () => {
    const wrong = { ...entry("a", Buffer.from("abc")), sizeBytes: 4 };

    await expect(Readable.from(zipArchive(each([wrong]))).toArray()).rejects.toThrow("a has 3 bytes, not 4");
  });
});

describe("ZipSize", () => {
  it.each([[[]], [["a", "bc/d"]]])("is that of the archive of %j", async (names) => {
    const size = new ZipSize();
    for (const name of names) size.add(name, 3);
    const archive = Buffer.concat(
      await Readable.from(zipArchive(each(names.map((name) => entry(name, Buffer.from("xyz")))))).toArray(),
    );
    expect(archive.length).toBe(size.totalBytes);
  });
});
