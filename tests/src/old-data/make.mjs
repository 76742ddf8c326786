// Makes `release-0.tar.br` beside this file: what an earlier release leaves behind, for old-data.test.ts to open.
//
//   node tests/src/old-data/make.mjs [--commit <commit>] [--checkout <folder>]
//
// It checks that commit out into a temporary folder (or takes a folder where it is checked out and built), installs, builds and
// runs it with this machine's ffmpeg, nats-server and PostgreSQL, kills it in the middle of its work (record.mjs), and packs the
// folders. It takes some minutes; the archive is committed, since tests have neither the commit nor its packages.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";
import { record } from "./record.mjs";

/** The last commit whose batches have one output, and whose folders have no receipts. */
const LAST_OF_RELEASE_0 = "32ae60fd82";
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const ARCHIVE = fileURLToPath(new URL("release-0.tar.br", import.meta.url));

const { values } = parseArgs({
  options: { commit: { type: "string", default: LAST_OF_RELEASE_0 }, checkout: { type: "string" } },
});

const folder = mkdtempSync(join(tmpdir(), "polyreel-old-data-"));
try {
  const checkout = values.checkout ? resolve(values.checkout) : checkOut(values.commit, join(folder, "checkout"));
  const data = join(folder, "data");
  await record(checkout, data);
  const tar = join(folder, "data.tar");
  // Modification times in nanoseconds; PGlite's folder consists mostly of zeros and distant copies.
  run("tar", [
    "--format=posix",
    "--sort=name",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "-cf",
    tar,
    "-C",
    data,
    ".",
  ]);
  const bytes = readFileSync(tar);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_LARGE_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_LARGE_WINDOW]: 1,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  const packed = brotliCompressSync(bytes, { params });
  writeFileSync(ARCHIVE, packed);
  console.log(`${ARCHIVE}: ${packed.length} bytes`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(); // The release's clients keep connections open for a while, which would delay the exit.

function checkOut(commit, into) {
  run("git", ["clone", "--quiet", "--no-checkout", ROOT, into]);
  run("git", ["-C", into, "checkout", "--quiet", commit]);
  run("npm", ["ci", "--no-audit", "--no-fund"], into); // Builds, too.
  return into;
}

function run(program, args, cwd) {
  execFileSync(program, args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
}
