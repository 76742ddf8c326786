import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { openFolderStore } from "../blobs/folder-store.js";
import type { Store } from "../blobs/store.js";
import { secretKey } from "../blobs/stored-keys.js";
import { createLog } from "../runtime/log.js";
import { FreshSecrets } from "./fresh-secrets.js";
import { KeptSecrets } from "./kept-secrets.js";
import { makeMasterKey, openMasterKeys, parseMasterKeys } from "./master-keys.js";

const DRIVE = { tenant: "acme", name: "drive" };
const NOW = new Date("2030-01-01T00:00:00Z");
const [OLD, NEW] = [makeMasterKey(), makeMasterKey()];
const idOf = (key: string) => key.split(":")[0] ?? "";
const keysOf =
  (...keys: string[]) =>
  async () =>
    parseMasterKeys(keys.join("\n"));

const folders: string[] = [];
let folder: string;
let store: Store;
let secrets: KeptSecrets;
/** After a rotation's first step: the new key encrypts. */
let rotating: KeptSecrets;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-kept-secrets-"));
  folders.push(folder);
  store = await openFolderStore(join(folder, "store"));
  secrets = new KeptSecrets(store, keysOf(OLD));
  rotating = new KeptSecrets(store, keysOf(NEW, OLD));
});
afterAll(() => Promise.all(folders.map((one) => rm(one, { recursive: true }))));

const valueIn = async (of: KeptSecrets, secret = DRIVE) => (await of.read(secret))?.value;
const objects = async (): Promise<string[]> =>
  (await readdir(join(folder, "store/tenant-secrets/acme"))).map((name) => `tenant-secrets/acme/${name}`).sort();

describe("KeptSecrets", () => {
  it("reads what was set last, each tenant its own, and lists without opening", async () => {
    await secrets.set(DRIVE, "one", NOW);
    await secrets.set(DRIVE, "two", NOW);
    await secrets.set({ ...DRIVE, tenant: "" }, "of all", NOW);
    await secrets.set({ ...DRIVE, name: "drive-eu" }, "eu", NOW);
    expect(await secrets.read(DRIVE)).toEqual({ value: "two", version: 2 });
    expect(await valueIn(secrets, { ...DRIVE, tenant: "" })).toBe("of all");
    expect(await valueIn(secrets, { ...DRIVE, tenant: "globex" })).toBeUndefined();
    const keyless = new KeptSecrets(store, async () => []);
    const [keyId, setAt] = [idOf(OLD), NOW];
    expect(await keyless.list()).toEqual([
      { tenant: "", name: "drive", version: 1, keyId, setAt },
      { tenant: "acme", name: "drive", version: 2, keyId, setAt },
      { tenant: "acme", name: "drive-eu", version: 1, keyId, setAt },
    ]);
    expect(await secrets.names("acme")).toEqual(["drive", "drive-eu"]);
    expect(await secrets.names("")).toEqual(["drive"]);
    expect(await objects()).toEqual([secretKey({ ...DRIVE, name: "drive-eu" }, 1), secretKey(DRIVE, 2)]);
  });

  it("has one whole value after concurrent changes, and no object of another", async () => {
    const values = Array.from({ length: 8 }, (_, i) => `value ${i}`);
    await Promise.all(values.map((value) => secrets.set(DRIVE, value, NOW)));
    expect((await secrets.read(DRIVE))?.value).toMatch(/^value \d$/);
    expect(await objects()).toHaveLength(1);
  });

  it("removes a secret, which may be set again", async () => {
    await secrets.set(DRIVE, "one", NOW);
    expect(await secrets.remove(DRIVE)).toBe(true);
    expect(await secrets.remove(DRIVE)).toBe(false);
    expect(await secrets.read(DRIVE)).toBeUndefined();
    expect([await secrets.list(), await secrets.names("acme")]).toEqual([[], []]);
    await secrets.set(DRIVE, "three", NOW);
    expect(await secrets.read(DRIVE)).toEqual({ value: "three", version: 3 });
  });

  it("refuses to set without a master key, and names the one that reading needs", async () => {
    await secrets.set(DRIVE, "one", NOW);
    const keyless = new KeptSecrets(store, async () => []);
    await expect(keyless.set(DRIVE, "two", NOW)).rejects.toMatchObject({ code: "precondition" });
    await expect(keyless.read(DRIVE)).rejects.toThrow(`"acme/drive" needs the master key "${idOf(OLD)}"`);
  });

  it("does not open an object that was copied to another secret, or written by another", async () => {
    await secrets.set(DRIVE, "one", NOW);
    const bytes = await readFile(join(folder, "store", secretKey(DRIVE, 1)));
    await store.put(secretKey({ tenant: "globex", name: "drive" }, 1), bytes);
    await expect(secrets.read({ ...DRIVE, tenant: "globex" })).rejects.toThrow("moved in the store");
    await store.put(secretKey({ ...DRIVE, name: "other" }, 1), Buffer.from("nonsense"));
    await expect(secrets.read({ ...DRIVE, name: "other" })).rejects.toThrow('The secret "acme/other" is damaged');
    expect((await secrets.list()).find(({ name }) => name === "other")).toMatchObject({ version: 0, keyId: "" });
  });
});

describe("a rotation", () => {
  it("encrypts all anew, keeps values and times, and leaves nothing under the old key", async () => {
    const all = [DRIVE, { tenant: "", name: "eleven" }];
    for (const secret of all) await secrets.set(secret, `value of ${secret.name}`, NOW);
    expect(await rotating.rotate()).toEqual({ rotated: [all[1], all[0]], failed: [] });
    const renewed = new KeptSecrets(store, keysOf(NEW));
    expect(await valueIn(renewed)).toBe("value of drive");
    expect(await renewed.list()).toMatchObject(all.map(() => ({ keyId: idOf(NEW), setAt: NOW, version: 2 })));
    await expect(secrets.read(DRIVE)).rejects.toThrow(`needs the master key "${idOf(NEW)}"`);
    expect(await objects()).toEqual([secretKey(DRIVE, 2)]);
    expect(await rotating.rotate()).toEqual({ rotated: [], failed: [] });
  });

  it("goes on after an interruption at any write, also between writing and removing", async () => {
    for (let allowed = 0; allowed < 5; allowed++) {
      await secrets.set({ ...DRIVE, name: "a" }, "a", NOW);
      await secrets.set({ ...DRIVE, name: "b" }, "b", NOW);
      let left = allowed;
      const counted = <T>(work: () => Promise<T>) => (left-- > 0 ? work() : Promise.reject(new Error("killed")));
      const dying: Store = {
        ...store,
        list: (...args) => store.list(...args),
        put: (...args) => counted(() => store.put(...args)),
        remove: (keys, io) => (keys.length === 0 ? Promise.resolve() : counted(() => store.remove(keys, io))),
        read: (...args) => store.read(...args),
      };
      await new KeptSecrets(dying, keysOf(NEW, OLD)).rotate().catch(() => {});
      expect((await rotating.rotate()).failed).toEqual([]);
      const renewed = new KeptSecrets(store, keysOf(NEW));
      expect([
        await valueIn(renewed, { ...DRIVE, name: "a" }),
        await valueIn(renewed, { ...DRIVE, name: "b" }),
      ]).toEqual(["a", "b"]);
      for (const key of await objects()) {
        expect((await readFile(join(folder, "store", key))).toString()).toContain(headOf(NEW));
      }
    }
  });

  it("rotates the others if one cannot be opened, and reports it", async () => {
    await secrets.set(DRIVE, "one", NOW);
    await new KeptSecrets(store, keysOf(makeMasterKey())).set({ ...DRIVE, name: "lost" }, "lost", NOW);
    const { rotated, failed } = await rotating.rotate();
    expect(rotated).toEqual([DRIVE]);
    expect(failed).toMatchObject([{ secret: { name: "lost" }, error: { code: "precondition" } }]);
  });

  it("keeps what is set or removed meanwhile", async () => {
    for (const name of ["set", "removed"]) await secrets.set({ ...DRIVE, name }, "before", NOW);
    let isFirst = true;
    const racing = new KeptSecrets(
      {
        ...store,
        list: (...args) => store.list(...args),
        read: (...args) => store.read(...args),
        remove: (...args) => store.remove(...args),
        put: async (...args) => {
          if (isFirst) {
            isFirst = false;
            await secrets.set({ ...DRIVE, name: "set" }, "after", NOW);
            await secrets.remove({ ...DRIVE, name: "removed" });
          }
          return store.put(...args);
        },
      },
      keysOf(NEW, OLD),
    );
    await racing.rotate();
    expect(await valueIn(rotating, { ...DRIVE, name: "set" })).toBe("after");
    expect(await rotating.read({ ...DRIVE, name: "removed" })).toBeUndefined();
  });
});

/** How the header of a secret under a key begins, in Base64. */
const headOf = (key: string): string =>
  Buffer.from(`{"alg":"dir","enc":"A256GCM","typ":"polyreel-secret-1","kid":"${idOf(key)}"`)
    .toString("base64url")
    .slice(0, -4);

describe("openMasterKeys", () => {
  const lines: { level: string; message: string }[] = [];
  const log = createLog("test", "info", { write: (line: string) => void lines.push(JSON.parse(line)) });

  it("reads a replaced file, and warns of one that others may read", async () => {
    const keysFile = join(folder, "keys");
    await writeFile(keysFile, OLD, { mode: 0o640 });
    const keys = await openMasterKeys({ keys: [], keysFile }, log);
    expect(lines).toEqual([]);
    await writeFile(keysFile, `${NEW}\n${OLD}\n`);
    expect((await keys()).map(({ id }) => id)).toEqual([idOf(NEW), idOf(OLD)]);
    await chmod(keysFile, 0o644);
    await openMasterKeys({ keys: [], keysFile }, log);
    expect(lines.splice(0)).toMatchObject([{ level: "warn", message: expect.stringContaining("chmod o=") }]);
  });

  it.each([
    ["missing", undefined, "ENOENT"],
    ["empty", "# none\n", "it has none"],
    ["wrong", "k1:hidden", "the key k1 is not 32 bytes"],
  ])("refuses a file that is %s", async (name, text, reason) => {
    const keysFile = join(folder, name);
    if (text !== undefined) await writeFile(keysFile, text);
    const opening = openMasterKeys({ keys: [], keysFile }, log);
    await expect(opening).rejects.toMatchObject({ code: "precondition", message: expect.stringContaining(reason) });
    await expect(opening).rejects.not.toThrow("hidden");
  });
});

describe("FreshSecrets", () => {
  it("reads once for many users, and again after a while; a failure at once", async () => {
    let reads = 0;
    let isAway = true;
    const kept = {
      read: async () => {
        reads++;
        if (isAway) throw new Error("away");
        return { value: String(reads), version: reads };
      },
    };
    const fresh = new FreshSecrets(kept, 200);
    await expect(fresh.read(DRIVE)).rejects.toThrow("away");
    isAway = false;
    const values = await Promise.all(Array.from({ length: 5 }, () => fresh.read(DRIVE)));
    expect(new Set(values.map((found) => found?.value))).toEqual(new Set(["2"]));
    await expect.poll(async () => (await fresh.read(DRIVE))?.value).toBe("3");
  });
});
