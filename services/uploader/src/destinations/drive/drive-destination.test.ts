import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Source } from "../source.js";
import { CHUNK_UNIT_BYTES } from "./resumable-upload.js";
import { deliveriesTo, isChunk, place, textSource } from "./testing/drive-deliveries.js";
import { type OpenedDrive, openDrive } from "./testing/opened-drive.js";
import type { RecordedRequest } from "./testing/recording-drive.js";

let drive: OpenedDrive;
beforeEach(async () => {
  drive = await openDrive();
});
afterEach(() => drive.close());
const { put, chunks, visible } = deliveriesTo(() => drive);

const never = { signal: new AbortController().signal };
/** A source whose content is known before, like an output's; records where it is read from. */
function largeSource(sizeBytes: number, reads: number[] = []): Source {
  const bytes = Buffer.alloc(sizeBytes, "polyreel ");
  return {
    contentType: "video/mp4",
    sizeBytes,
    content: "layout",
    write: () => Promise.reject(new Error("No file is written.")),
    async *read(_signal, start = 0) {
      reads.push(start);
      for (let at = start; at < sizeBytes; at += 100_000) yield bytes.subarray(at, at + 100_000);
    },
  };
}

const isFolderCreation = ({ method, path }: RecordedRequest) => method === "POST" && path === "/drive/v3/files";

describe("a repeat", () => {
  it("finds the file whose creation was answered to nobody", async () => {
    drive.server.fail(isChunk, "lose the answer");
    const { location } = await put("one");
    expect(visible()).toEqual(["Ads/2026/sale/a.mp4"]);
    expect(chunks()).toHaveLength(1);
    expect(location).toContain(drive.user.at("Ads/2026/sale/a.mp4").id);
  });

  it("after a crash between the creation and its answer uploads nothing, though lists do not have the file yet", async () => {
    drive.server.contents.freezeLists();
    const crash = new AbortController();
    drive.server.beforeAnswer = (request) => {
      if (isChunk(request)) crash.abort();
    };
    const crashed = drive.destination.put(textSource("one"), place(), { signal: crash.signal });
    await expect(crashed).rejects.toMatchObject({ name: "AbortError" });
    const version = drive.user.version("Ads/2026/sale/a.mp4");
    await put("one", {}, drive.another());
    expect(drive.user.version("Ads/2026/sale/a.mp4")).toBe(version);
    expect(visible()).toEqual(["Ads/2026/sale/a.mp4"]);
    expect(chunks()).toHaveLength(1);
  });

  it("does not replace a file twice, though lists still have its old state", async () => {
    await put("one");
    drive.server.contents.freezeLists();
    await put("other", { batchId: "b2" }, drive.another());
    const version = drive.user.version("Ads/2026/sale/a.mp4");
    await put("other", { batchId: "b2" }, drive.another());
    expect(drive.user.version("Ads/2026/sale/a.mp4")).toBe(version);
  });

  it("makes each folder and file once from several uploaders, though lists do not have them yet", async () => {
    drive.server.contents.freezeLists();
    const uploaders = Array.from({ length: 4 }, () => drive.another());
    const names = ["a.mp4", "de/b.mp4", "de/c.mp4"];
    await Promise.all(uploaders.flatMap((by) => names.map((fileName) => put(fileName, { fileName }, by))));
    expect(drive.user.folders()).toEqual(["Ads", "Ads/2026", "Ads/2026/sale", "Ads/2026/sale/de"]);
    expect(visible()).toEqual(names.map((name) => `Ads/2026/sale/${name}`).sort());
  });

  it("creates a folder once whose creation was answered to nobody", async () => {
    drive.server.fail(isFolderCreation, "lose the answer");
    await put("one");
    expect(drive.user.folders()).toEqual(["Ads", "Ads/2026", "Ads/2026/sale"]);
  });

  it("uses another id for a file that was removed since", async () => {
    await put("one");
    drive.user.erase("Ads/2026/sale/a.mp4");
    await put("one", { attempt: 2 });
    drive.server.contents.files.delete(drive.user.at("Ads/2026/sale/a.mp4").id); // Permanently.
    await put("one", { attempt: 3 }, drive.another());
    expect(visible()).toEqual(["Ads/2026/sale/a.mp4"]);
  });
});

describe("an upload", () => {
  const SIZE = 3 * CHUNK_UNIT_BYTES + 1000;

  it("is sent in chunks, and complete", async () => {
    const source = largeSource(SIZE);
    await drive.destination.put(source, place(), never);
    expect(chunks().map(({ range }) => range)).toEqual([
      `bytes 0-262143/${SIZE}`,
      `bytes 262144-524287/${SIZE}`,
      `bytes 524288-786431/${SIZE}`,
      `bytes 786432-787431/${SIZE}`,
    ]);
    expect(drive.user.at("Ads/2026/sale/a.mp4").bytes?.length).toBe(SIZE);
    expect(drive.user.at("Ads/2026/sale/a.mp4").mimeType).toBe("video/mp4");
  });

  it("resumes where its connection broke", async () => {
    const reads: number[] = [];
    drive.server.fail(({ range }) => range?.startsWith("bytes 262144-") === true, { cutAfterBytes: 1000 });
    await drive.destination.put(largeSource(SIZE, reads), place(), never);
    expect(reads).toEqual([0, 0, CHUNK_UNIT_BYTES]); // The checksums, the upload, and its rest.
    expect(drive.server.requests.filter(({ range }) => range === `bytes */${SIZE}`)).toHaveLength(1);
    expect(drive.user.at("Ads/2026/sale/a.mp4").bytes?.length).toBe(SIZE);
    expect(drive.server.sent("POST", /^\/upload/)).toHaveLength(1);
  });

  it("starts again if its session ended", async () => {
    drive.server.fail(({ range }) => range?.startsWith("bytes 262144-") === true, { refuse: 404, reason: "notFound" });
    await drive.destination.put(largeSource(SIZE), place(), never);
    expect(drive.server.sent("POST", /^\/upload/)).toHaveLength(2);
    expect(visible()).toEqual(["Ads/2026/sale/a.mp4"]);
  });

  it("that arrives damaged is not delivered", async () => {
    drive.server.fail(isChunk, "damage");
    await expect(put("one")).rejects.toMatchObject({
      code: "unavailable",
      failure: { reason: expect.stringContaining("damaged") },
    });
    expect(visible()).toEqual([]);
    await put("one");
    drive.server.fail(isChunk, "damage");
    await expect(put("other", { batchId: "b2" })).rejects.toMatchObject({ code: "unavailable" });
    expect(await drive.destination.foreign(place(), ["a.mp4"])).toEqual([{ name: "a.mp4", batch: "" }]);
  });

  it("that is cancelled leaves no session", async () => {
    const cancel = new AbortController();
    drive.server.beforeAnswer = (request) => {
      if (isChunk(request)) cancel.abort();
    };
    const putting = drive.destination.put(largeSource(SIZE), place(), { signal: cancel.signal });
    await expect(putting).rejects.toMatchObject({ name: "AbortError" });
    expect(visible()).toEqual([]);
    expect(drive.server.sent("DELETE", /^\/upload/)).toMatchObject([{ status: 499 }]);
  });

  it("of an empty file is possible", async () => {
    await put("");
    expect(drive.user.read("Ads/2026/sale/a.mp4")).toBe("");
  });

  it("keeps the id, and so links, of a file that it replaces", async () => {
    const first = await put("one");
    const second = await put("other", { batchId: "b2" });
    expect(second.location).toBe(first.location);
    expect(second.location).toMatch(/^https:\/\/drive\.google\.com\/file\/d\//);
  });

  it("takes names of any characters and length", async () => {
    const owner = { tenant: "default", name: `it's \\ ${"ü".repeat(200)}` };
    const fileName = "it's 'quoted' \\ 100 %.mp4".replace("\\", "+");
    await put("one", { owner, fileName });
    await put("one", { owner, fileName }, drive.another());
    expect(visible()).toEqual([`Ads/2026/sale/${fileName}`]);
    const [foreign] = (await drive.destination.foreign(place(), [fileName])) ?? [];
    expect(foreign?.batch).toMatch(/^it's \\ ü{20,}$/);
  });
});
