import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type Certificate, CertificateSchema } from "@polyreel/contract";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { Random } from "../property/random.js";
import { auditOutputs } from "./audit-outputs.js";
import type { DeliveredFact } from "./recount.js";

const FOLDERS = ["final", "archive"];
let out: string;
let picture: Buffer;
let film: Buffer;
let delivered: DeliveredFact[];
const inOut = (...path: string[]) => join(out, ...path);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const audit = (facts = delivered) =>
  auditOutputs(
    { out, batchId: "b1", folders: FOLDERS, served: async (path) => (path.endsWith(".png") ? picture : film) },
    facts,
    new Random(1),
  );

beforeAll(async () => {
  picture = await made("p.png", ["-frames:v", "1"]);
  film = await made("f.mp4", ["-frames:v", "3"]);
});
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), "polyreel-audit-"));
  const ofFilm = create(CertificateSchema, {
    sizeBytes: BigInt(film.length),
    // The media data follow the header of their box.
    operation: {
      case: "join",
      value: { frames: 3n, headerSha256: sha256(film.subarray(0, film.indexOf("mdat") + 4)) },
    },
  });
  const ofPicture = create(CertificateSchema, {
    sizeBytes: BigInt(picture.length),
    operation: { case: "picture", value: { sha256: sha256(picture) } },
  });
  delivered = [];
  for (const [i, folder] of FOLDERS.entries()) {
    await mkdir(inOut(folder, ".polyreel", "owner"), { recursive: true });
    await deliver(folder, "a.mp4", film, { certificate: ofFilm, delivery: i });
    await deliver(folder, "a.png", picture, { certificate: ofPicture, delivery: 2 + i });
    const rows = ["a.mp4", "a.png"].map((file) => JSON.stringify({ status: "delivered", file }));
    await writeFile(inOut(folder, "manifest.jsonl"), `${rows.join("\n")}\n`);
  }
});
afterEach(() => rm(out, { recursive: true }));

async function made(name: string, options: string[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const muxer = name.endsWith(".png")
    ? ["-f", "image2pipe", "-c:v", "png"]
    : ["-f", "mp4", "-movflags", "frag_keyframe"];
  await runFfmpeg({
    inputs: [{ lavfi: "testsrc2=size=64x64:rate=30:duration=1" }],
    outputs: [{ stdout: true, options: [...options, ...muxer] }],
    onStdout: (chunk) => {
      chunks.push(chunk);
    },
    ...{ signal: new AbortController().signal, deadlineSeconds: 60, maxOutputBytes: 1 << 24 },
  });
  return Buffer.concat(chunks);
}

async function deliver(
  folder: string,
  name: string,
  bytes: Buffer,
  { certificate, delivery }: { certificate: Certificate; delivery: number },
): Promise<void> {
  const path = inOut(folder, name);
  await writeFile(path, bytes);
  await writeReceipt(folder, name, "owner", { content: sha256(bytes) });
  delivered.push({
    ...{ combinationId: "a", delivery, attempt: 1, urlPath: name },
    path: join(folder, name),
    certificate,
  });
}

async function writeReceipt(folder: string, name: string, owner: string, more: object): Promise<void> {
  const { size, mtimeNs } = await stat(inOut(folder, name), { bigint: true });
  const receipt = { batchId: "b1", attempt: 1, sizeBytes: Number(size), modifiedNs: String(mtimeNs), ...more };
  await mkdir(inOut(folder, ".polyreel", owner), { recursive: true });
  await writeFile(inOut(folder, ".polyreel", owner, name), JSON.stringify(receipt));
}

it("finds no problem if each file is as delivered", async () => {
  expect(await audit()).toEqual({ files: 4, wrong: 0, stray: 0, problems: [] });
});

it.each<[string, { wrong?: number; stray?: number }, () => Promise<unknown>]>([
  ["a missing file", { stray: 0 }, () => rm(inOut("final", "a.mp4"))],
  [
    "a changed byte, by the certificate",
    { stray: 0 },
    async () => {
      const { atime, mtime } = await stat(inOut("final", "a.png"));
      await writeFile(inOut("final", "a.png"), Buffer.concat([picture.subarray(0, -1), Buffer.from("x")]));
      await utimes(inOut("final", "a.png"), atime, mtime);
    },
  ],
  [
    "a video with a different copy",
    { stray: 0 },
    () => writeFile(inOut("archive", "a.mp4"), Buffer.concat([film.subarray(0, -1), Buffer.from("x")])),
  ],
  ["a file that was written after its receipt", { wrong: 1 }, () => utimes(inOut("final", "a.png"), 1, 1)],
  ["a file without a receipt", {}, () => rm(inOut("final", ".polyreel", "owner", "a.png"))],
  ["a second receipt of a file", { stray: 0 }, () => writeReceipt("final", "a.mp4", "other", { content: "x" })],
  [
    "a receipt of another batch",
    { wrong: 1 },
    () => writeReceipt("final", "a.png", "owner", { batchId: "b2", content: sha256(picture) }),
  ],
  [
    "a receipt of a second attempt",
    { wrong: 1 },
    () => writeReceipt("final", "a.png", "owner", { attempt: 2, content: sha256(picture) }),
  ],
  ["a file without a delivery", { wrong: 0, stray: 1 }, () => writeFile(inOut("final", "b.mp4"), "b")],
  ["an unfinished file", { wrong: 0, stray: 1 }, () => writeFile(inOut("archive", ".b1-half"), "b")],
  ["a folder beside them", { wrong: 0, stray: 1 }, () => mkdir(inOut("other"))],
  ["a manifest without a row", { wrong: 1, stray: 0 }, () => writeFile(inOut("final", "manifest.jsonl"), "")],
])("finds %s", async (_what, counts, spoil) => {
  await spoil();
  const found = await audit();
  expect(found).toMatchObject(counts);
  expect(found.problems.length).toBeGreaterThan(0);
});
