import { writeFile } from "node:fs/promises";
import { inspect } from "node:util";
import { PolyreelError } from "@polyreel/platform";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Place } from "../destination.js";
import { pieceSource, type Source } from "../source.js";
import { CHUNK_UNIT_BYTES } from "./resumable-upload.js";
import { type OpenedDrive, openDrive } from "./testing/opened-drive.js";
import type { RecordedRequest } from "./testing/recording-drive.js";

const never = { signal: new AbortController().signal };
const spring = { tenant: "default", name: "spring" };

let drive: OpenedDrive;
beforeEach(async () => {
  drive = await openDrive();
});
afterEach(() => drive.close());

const place = (other: Partial<Place> = {}): Place => ({
  ...{ batchId: "b1", attempt: 1, owner: spring, overwrite: false, folder: "sale", fileName: "a.mp4" },
  ...other,
});
const put = (text: string, other: Partial<Place> = {}, by = drive.destination) =>
  by.put(textSource(text), place(other), { signal: new AbortController().signal });
const textSource = (text: string): Source => pieceSource(() => [text], "video/mp4");

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

const isChunk = ({ method, range }: RecordedRequest) => method === "PUT" && !range?.startsWith("bytes */");
const isFolderCreation = ({ method, path }: RecordedRequest) => method === "POST" && path === "/drive/v3/files";
const chunks = () => drive.server.requests.filter(isChunk);
const visible = () => drive.user.files();

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

describe("folders", () => {
  it("are created again if they are removed while a batch is delivered", async () => {
    await put("one", { fileName: "b.mp4" });
    const { newFolder: same } = await put("two", { fileName: "c.mp4" });
    drive.user.erase("Ads/2026/sale");
    const { newFolder } = await put("one");
    expect([same, newFolder]).toEqual([undefined, "sale"]);
    expect(visible()).toEqual(["Ads/2026/sale/a.mp4"]);
    expect(await drive.destination.has("sale/b.mp4")).toBe(false);
  });

  it("of a person are used, the oldest of one name", async () => {
    const { id } = drive.user.folder("Ads/2026/sale");
    const other = drive.server.contents.create(drive.server.contents.issueId(), "sale", [drive.user.at("Ads/2026").id]);
    other.mimeType = drive.user.at("Ads").mimeType;
    await put("one");
    expect(drive.user.at("Ads/2026/sale/a.mp4").parents).toEqual([id]);
  });

  it("that Polyreel did not create stay when a batch is deleted", async () => {
    drive.user.folder("Ads/2026/sale");
    await put("one", { fileName: "de/a.mp4" });
    await drive.destination.remove("sale/de/a.mp4", "b1");
    await drive.destination.removeRest("sale", []);
    expect(drive.user.folders()).toEqual(["Ads", "Ads/2026", "Ads/2026/sale"]);
  });

  it("of a deleted batch are removed, though lists still have its files", async () => {
    await put("one", { fileName: "de/a.mp4" });
    await put("listed", { fileName: "manifest.jsonl", attempt: 0 });
    drive.server.contents.freezeLists();
    expect(await drive.destination.remove("sale/de/a.mp4", "b1")).toBe("removed");
    await drive.destination.removeRest("sale", ["manifest.jsonl"]);
    expect(drive.user.folders()).toEqual(["Ads", "Ads/2026"]);
    expect(visible()).toEqual([]);
  });

  it("are restored if a file appears in one that is removed", async () => {
    await put("one");
    await drive.destination.remove("sale/a.mp4", "b1");
    const { id } = drive.user.at("Ads/2026/sale");
    drive.server.beforeAnswer = ({ method, path }) => {
      if (method === "PATCH" && path.endsWith(id)) drive.server.user(id).plant("new.mp4", "another uploader's");
    };
    await drive.destination.removeRest("sale", []);
    expect(visible()).toEqual(["Ads/2026/sale/new.mp4"]);
  });

  it("given by id are used, and their loss is an outage", async () => {
    const { id } = drive.user.folder("Team");
    const destination = drive.another({ folder: { id } });
    await put("one", {}, destination);
    expect(visible()).toEqual(["Team/sale/a.mp4"]);
    expect(await destination.exists()).toBe(true);
    drive.user.erase("Team");
    expect(await destination.exists()).toBe(false);
    await expect(put("two", { fileName: "b.mp4" }, destination)).rejects.toMatchObject({
      code: "unavailable",
      outage: true,
      failure: { reason: expect.stringContaining("its folder is deleted"), remedy: expect.stringContaining("Restore") },
    });
  });

  it("given by path are reachable before the first delivery, and after their loss", async () => {
    expect(await drive.destination.exists()).toBe(true);
    expect(drive.user.folders()).toEqual([]);
    await put("one");
    drive.user.erase("Ads");
    expect(await drive.destination.exists()).toBe(true);
    expect(await put("two", { fileName: "b.mp4" })).toMatchObject({ newFolder: "sale" });
    expect(visible()).toEqual(["Ads/2026/sale/b.mp4"]);
    expect(await drive.another({ folder: "root" }).exists()).toBe(true);
    expect(await drive.another({ folder: "root", sharedDrive: "0ANone" }).exists()).toBe(false);
  });

  it.each(["by path", "by id"])("of a shared drive are found %s", async (how) => {
    drive.server.contents.addSharedDrive("0AShared");
    const user = drive.server.user("0AShared");
    const given = how === "by path" ? { path: "Ads" } : { id: user.folder("Ads").id };
    const config = { folder: given, ...(how === "by path" && { sharedDrive: "0AShared" }) };
    await put("one", {}, drive.another(config));
    drive.server.requests.length = 0;
    await put("one", {}, drive.another(config));
    expect(user.files()).toEqual(["Ads/sale/a.mp4"]);
    expect(chunks()).toEqual([]);
  });
});

it("lists a folder once for many names", async () => {
  await put("one", { owner: { ...spring, name: "autumn" }, fileName: "7.mp4" });
  drive.server.requests.length = 0;
  const names = Array.from({ length: 500 }, (_, i) => `${i}.mp4`);
  expect(await drive.destination.foreign(place(), names)).toEqual([{ name: "7.mp4", batch: "autumn" }]);
  expect(drive.server.requests.length).toBeLessThan(6);
});

it("finds and removes files that lists do not have yet", async () => {
  await put("old", { fileName: "old.mp4" });
  drive.server.contents.freezeLists();
  await put("one");
  expect(await drive.destination.has("sale/a.mp4")).toBe(true);
  expect(await drive.another().remove("sale/a.mp4", "b1")).toBe("removed");
  // Nor does it remove what the list still has as this batch's.
  await put("old", { fileName: "old.mp4", batchId: "b2" });
  await drive.destination.removeAllOf({ folder: "sale", owner: spring, batchId: "b1" }, new Set());
  expect(visible()).toEqual(["Ads/2026/sale/old.mp4"]);
});

describe("limits and outages", () => {
  it.each([
    ["403 userRateLimitExceeded", { refuse: 403, reason: "userRateLimitExceeded" }],
    ["403 rateLimitExceeded", { refuse: 403, reason: "rateLimitExceeded" }],
    ["429", { refuse: 429 }],
    ["500", { refuse: 500, reason: "backendError" }],
    ["503", { refuse: 503 }],
    ["a lost answer", "lose the answer"],
    ["silence", "stay silent"],
  ] as const)("of each request are waited out: %s", async (_what, fault) => {
    const failed = new Set<string>();
    const once = ({ method, path, range }: RecordedRequest) => {
      if (path === "/token") return false;
      const kind = `${method} ${path.replace(/[^/]{20,}$/, "<id>")} ${range ?? ""}`;
      if (failed.has(kind)) return false;
      failed.add(kind);
      return true;
    };
    drive.server.fail(once, fault, fault === "stay silent" ? 1 : 100);
    await put("one");
    expect(visible()).toEqual(["Ads/2026/sale/a.mp4"]);
    expect(drive.user.folders()).toHaveLength(3);
  });

  it("that name a delay are waited for that long", async () => {
    drive.server.fail(isChunk, { refuse: 429, retryAfter: "1" });
    const began = performance.now();
    await put("one");
    expect(performance.now() - began).toBeGreaterThanOrEqual(990);
  });

  it("that last are outages", async () => {
    drive.server.fail(isChunk, { refuse: 403, reason: "userRateLimitExceeded" }, 1000);
    await expect(put("one")).rejects.toMatchObject({ code: "unavailable", outage: true });
    drive.server.fail(({ method }) => method === "GET", { refuse: 429, retryAfter: "3600" });
    await expect(drive.another().exists()).rejects.toMatchObject({ code: "unavailable", outage: true });
  });

  it("of the token server are waited out", async () => {
    drive.server.fail(({ path }) => path === "/token", { refuse: 503 });
    drive.server.fail(({ path }) => path === "/token", "lose the answer");
    await put("one");
    expect(visible()).toHaveLength(1);
  });

  it("of the connection are outages", async () => {
    const destination = drive.another({ endpoint: "http://127.0.0.1:9" });
    await expect(destination.exists()).rejects.toMatchObject({ code: "unavailable", outage: true });
  });

  it("of the storage are final", async () => {
    drive.server.quotaBytes = 2;
    await expect(put("one")).rejects.toMatchObject({
      code: "precondition",
      retryable: false,
      failure: {
        reason: expect.stringMatching(/"team" on Google Drive: the storage quota .* used up/),
        remedy: expect.stringContaining("shared drive"),
      },
    });
    expect(visible()).toEqual([]);
  });

  it.each([
    ["insufficientFilePermissions", 403, /no right to write/, true],
    ["accessNotConfigured", 403, /API is not enabled/, true],
    ["insufficientPermissions", 403, /do not include the right/, true],
    ["domainPolicy", 403, /administrator/, false],
    ["numChildrenInNonRootLimitExceeded", 403, /as many files/, false],
  ])("%s names destination, cause and remedy", async (reason, refuse, cause, outage) => {
    drive.server.fail(({ path }) => path.startsWith("/upload"), { refuse, reason });
    const error = await put("one").catch((thrown: unknown) => thrown as PolyreelError);
    expect(error).toMatchObject({ outage, retryable: outage });
    expect((error as PolyreelError).failure.reason).toMatch(cause);
    expect((error as PolyreelError).failure.reason).toContain('"team"');
    expect((error as PolyreelError).failure.remedy).not.toBe("");
  });
});

describe("credentials", () => {
  it("that expired are renewed", async () => {
    await put("one");
    drive.server.tokens.expire();
    await put("two", { fileName: "b.mp4" });
    expect(visible()).toHaveLength(2);
  });

  it.each([/token$/, /generateIds$/, /upload/])(
    "and answers of %s are awaited no longer than the work",
    async (path) => {
      drive.server.fail((request) => path.test(request.path), "stay silent");
      const stop = new AbortController();
      const putting = drive.destination.put(textSource("one"), place(), { signal: stop.signal });
      await expect.poll(() => drive.server.requests.filter((one) => path.test(one.path)).length).toBe(1);
      stop.abort();
      await expect(putting).rejects.toMatchObject({ name: "AbortError" });
    },
  );

  it("that were revoked are final, until the file is replaced", async () => {
    await put("one");
    drive.server.tokens.revoke();
    const error = await put("two", { fileName: "b.mp4" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "precondition",
      retryable: false,
      failure: { remedy: expect.stringContaining("polyreel drive login") },
    });
    await writeFile(drive.credentials, drive.server.userCredentials(drive.server.tokens.grant()));
    await put("two", { fileName: "b.mp4" });
    expect(visible()).toHaveLength(2);
  });

  it("of a service account are used with its signature", async () => {
    await writeFile(drive.credentials, drive.server.serviceAccountKey());
    await put("one");
    expect(visible()).toEqual(["Ads/2026/sale/a.mp4"]);
    expect(drive.server.tokens.scopes).toEqual(["https://www.googleapis.com/auth/drive.file"]);
    const wide = drive.another({ scope: "drive" });
    await put("one", {}, wide);
    expect(drive.server.tokens.scopes.at(-1)).toBe("https://www.googleapis.com/auth/drive");
  });

  it("signed with another key are refused", async () => {
    const other = await openDrive();
    const key = JSON.parse(other.server.serviceAccountKey());
    await other.close();
    await writeFile(drive.credentials, JSON.stringify({ ...key, token_uri: `${drive.server.url}/token` }));
    await expect(put("one")).rejects.toMatchObject({ code: "precondition", retryable: false });
  });

  it.each([
    ["no JSON", "secret-text", /not JSON/],
    ["an OAuth client", JSON.stringify({ installed: { client_secret: "secret-text" } }), /polyreel drive login/],
    ["something else", JSON.stringify({ token: "secret-text" }), /neither/],
    ["a broken key", JSON.stringify({ type: "service_account", client_email: "a@b", private_key: "secret-text" }), /./],
  ])("that are %s are named, not quoted", async (_what, text, message) => {
    await writeFile(drive.credentials, text);
    const error = await put("one").catch((thrown: unknown) => thrown as PolyreelError);
    expect(error).toBeInstanceOf(PolyreelError);
    const { reason, remedy } = (error as PolyreelError).failure;
    expect(`${reason} ${remedy}`).toMatch(message);
    expect(`${reason}`).toContain("team");
    expect(inspect(error, { depth: 20 })).not.toContain("secret-text");
  });

  it("that are missing are named", async () => {
    const destination = drive.another({ credentials: "/no/drive.json" });
    await expect(put("one", {}, destination)).rejects.toMatchObject({
      code: "unavailable",
      failure: { reason: expect.stringMatching(/\/no\/drive\.json .*"team".*does not exist/) },
    });
  });

  it("appear in no error", async () => {
    const secrets = /ya29\.|1\/\/refresh|GOCSPX|BEGIN PRIVATE|eyJ/;
    const errors: unknown[] = [];
    const attempt = async () => errors.push(await put("one").catch((thrown: unknown) => thrown));
    for (const fault of [{ refuse: 403, reason: "forbidden" }, { refuse: 400 }] as const) {
      drive.server.fail(({ path }) => path.startsWith("/upload"), fault, 20);
      await attempt();
    }
    drive.server.fail(({ path }) => path.startsWith("/drive"), "lose the answer", 100);
    await attempt();
    drive.server.tokens.revoke();
    await attempt();
    await writeFile(drive.credentials, drive.server.serviceAccountKey());
    drive.server.fail(({ path }) => path === "/token", { refuse: 500 }, 100);
    await attempt();
    expect(errors).toHaveLength(5);
    for (const error of errors) {
      expect(error).toBeInstanceOf(PolyreelError);
      expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(secrets);
    }
  });
});
