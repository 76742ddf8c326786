import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openFolderStore } from "./folder-store.js";
import { readBytes } from "./read-bytes.js";
import { scopedStore } from "./scoped-store.js";
import { filesIn } from "./testing/files-in.js";
import { describeStore } from "./testing/store-contract.js";

async function open() {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-store-"));
  const whole = await openFolderStore(folder);
  return {
    whole,
    store: scopedStore(whole, "acme"),
    leftovers: () => filesIn(join(folder, "tmp")),
    close: () => rm(folder, { recursive: true }),
  };
}

describeStore("a tenant's part of a store", open);

describe("scopedStore", () => {
  it("isolates tenants", async () => {
    const { whole, store, close } = await open();
    await store.put("plans/a", Buffer.from("acme's"));
    expect(await scopedStore(whole, "other").head("plans/a")).toBeUndefined();
    expect((await readBytes(whole, "tenants/acme/plans/a")).toString()).toBe("acme's");
    await close();
  });

  it.each(["", "..", "a/b", "A", "-a", "a-", "a".repeat(64)])("refuses the tenant %j", async (tenant) => {
    const { whole, close } = await open();
    expect(() => scopedStore(whole, tenant)).toThrow("is not a tenant's name");
    await close();
  });
});
