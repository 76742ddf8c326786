import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deliveriesTo, place, spring } from "./testing/drive-deliveries.js";
import { type OpenedDrive, openDrive } from "./testing/opened-drive.js";

let drive: OpenedDrive;
beforeEach(async () => {
  drive = await openDrive();
});
afterEach(() => drive.close());
const { put, chunks, visible } = deliveriesTo(() => drive);

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
