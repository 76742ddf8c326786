import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { CredentialsFile } from "./credentials.js";

const SERVER = "http://127.0.0.1:8080";
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-credentials-"));
  path = join(folder, "polyreel", "credentials.json");
});
afterEach(() => rm(folder, { recursive: true }));

it("keeps credentials by server, readable for their owner only, and leaves nothing else", async () => {
  const file = new CredentialsFile(path);
  await file.set(SERVER, { accessToken: "one" });
  await file.set("https://studio.example/", { accessToken: "two" });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, "polyreel"))).toEqual(["credentials.json"]);
  expect([await file.get(`${SERVER}/`), await file.get("HTTPS://Studio.example:443")]).toEqual([
    { accessToken: "one" },
    { accessToken: "two" },
  ]);
  await file.set(SERVER, undefined);
  expect(await file.get(SERVER)).toBeUndefined();
});

it.each([
  "http://studio.example",
  "https://studio.example:8443",
  "https://studio.example.evil",
  "https://studio.example/x",
])("has none of another server for %s", async (other) => {
  const file = new CredentialsFile(path);
  await file.set("https://studio.example", { accessToken: "one" });
  expect(await file.get(other)).toBeUndefined();
});

it("refreshes once for commands that run at the same time", async () => {
  await new CredentialsFile(path).set(SERVER, {
    accessToken: "old",
    accessExpiresAtMs: 1,
    refreshToken: "r1",
    name: "me",
  });
  const used: string[] = [];
  const refresh = async (token: string) => {
    used.push(token);
    await sleep(100);
    return { accessToken: "new", accessExpiresAtMs: Date.now() + 3600_000, refreshToken: "r2" };
  };
  const commands = Array.from({ length: 5 }, () => new CredentialsFile(path).fresh(SERVER, refresh));
  const tokens = (await Promise.all(commands)).map((fresh) => fresh?.accessToken);
  expect([used, new Set(tokens)]).toEqual([["r1"], new Set(["new"])]);
  expect(JSON.parse(await readFile(path, "utf8"))[SERVER]).toMatchObject({ refreshToken: "r2", name: "me" });
});

it("forgets a session that has ended, and survives a damaged file and the lock of a killed command", async () => {
  const file = new CredentialsFile(path);
  await file.set(SERVER, { accessToken: "old", accessExpiresAtMs: 1, refreshToken: "r1" });
  expect(await file.fresh(SERVER, async () => undefined)).toBeUndefined();
  expect(await file.get(SERVER)).toBeUndefined();
  await writeFile(path, "{");
  await writeFile(`${path}.lock`, "");
  await utimes(`${path}.lock`, 1, 1);
  await file.set(SERVER, { accessToken: "one" });
  expect(await file.get(SERVER)).toEqual({ accessToken: "one" });
});
