import { inspect } from "node:util";
import { compactDecrypt, decodeProtectedHeader } from "jose";
import { describe, expect, it } from "vitest";
import { makeMasterKey, parseMasterKeys } from "./master-keys.js";
import { openSecret, sealedHeader, sealSecret } from "./sealed-secret.js";

const VALUE = "aws_access_key_id = a\naws_secret_access_key = ключ\n";
const PLACE = { tenant: "acme", name: "drive", version: 3 };
const SET_AT = new Date("2030-01-01T00:00:00Z");
const [first, second] = parseMasterKeys(`${makeMasterKey()}\n${makeMasterKey()}`) as [MasterKey, MasterKey];
type MasterKey = ReturnType<typeof parseMasterKeys>[number];

const seal = (key = first) => sealSecret(VALUE, { ...PLACE, setAt: SET_AT }, key);

describe("a sealed secret", () => {
  it("opens at its place with its key, whichever other keys there are", async () => {
    expect(await openSecret(await seal(), PLACE, [second, first])).toBe(VALUE);
  });

  it("shows its place, key and time without a key, and its value to no one else", async () => {
    const sealed = await seal();
    expect(await sealedHeader(sealed)).toEqual({ ...PLACE, keyId: first.id, setAt: SET_AT });
    expect(Buffer.from(sealed.split(".").join(""), "base64url").toString("latin1")).not.toContain("aws_");
  });

  it("is a JWE that any library of JOSE opens, with another nonce each time", async () => {
    const [one, other] = [await seal(), await seal()];
    expect(decodeProtectedHeader(one)).toMatchObject({ alg: "dir", enc: "A256GCM", kid: first.id });
    expect(Buffer.from((await compactDecrypt(one, first.key)).plaintext).toString()).toBe(VALUE);
    expect(one.split(".")[2]).not.toBe(other.split(".")[2]);
  });

  it.each([
    ["another name", { ...PLACE, name: "drives" }],
    ["another tenant", { ...PLACE, tenant: "globex" }],
    ["all tenants", { ...PLACE, tenant: "" }],
    ["another version", { ...PLACE, version: 4 }],
  ])("does not open when it is moved to %s", async (_, place) => {
    const sealed = await seal();
    await expect(openSecret(sealed, place, [first])).rejects.toMatchObject({ why: "moved" });
    const [, ...rest] = sealed.split(".");
    const header = Buffer.from(JSON.stringify({ ...decodeProtectedHeader(sealed), ...place })).toString("base64url");
    const disguised = [header, ...rest].join(".");
    await expect(openSecret(disguised, place, [first])).rejects.toMatchObject({ why: "damaged" });
  });

  it("names the key that is missing, and does not open with another one of its id", async () => {
    const sealed = await seal();
    await expect(openSecret(sealed, PLACE, [second])).rejects.toMatchObject({ why: "missing-key", keyId: first.id });
    const impostor = { ...second, id: first.id };
    await expect(openSecret(sealed, PLACE, [impostor])).rejects.toMatchObject({ why: "damaged", keyId: first.id });
  });

  it("does not open with any of its characters changed", async () => {
    const sealed = await seal();
    for (let at = 0; at < sealed.length; at++) {
      const altered = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
      const opened = await openSecret(altered, PLACE, [first]).catch(({ name }: Error) => name);
      // The last character of a part may have bits that belong to no byte.
      if (opened !== "SealBroken")
        expect({ at, next: sealed[at + 1] ?? ".", opened }).toMatchObject({ next: ".", opened: VALUE });
    }
  });

  it.each(["", "x", "a.b.c", `${"A".repeat(20)}....`, "{}", "\0"])("is not %j", async (text) => {
    await expect(openSecret(text, PLACE, [first])).rejects.toMatchObject({ why: "damaged" });
  });
});

describe("parseMasterKeys", () => {
  const bytes = Buffer.alloc(32, "s").toString("base64");

  it("reads keys, separated by commas or lines, with or without padding", () => {
    expect(parseMasterKeys(`# new\nb:${bytes}\na:${bytes.replace("=", "")}\n`).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(parseMasterKeys(`b:${bytes},a:${bytes}`)).toHaveLength(2);
    expect(parseMasterKeys("")).toEqual([]);
  });

  it.each([
    [bytes, "key 1 is not id:secret"],
    [`a:${bytes.slice(4)}`, "the key a is not 32 bytes in Base64"],
    [`a:${"s".repeat(32)}`, "the key a is not 32 bytes in Base64"],
    [`a:${bytes},a:${bytes}`, "two keys have the id a"],
  ])("refuses %s without showing a key", (text, message) => {
    expect(() => parseMasterKeys(text)).toThrow(message);
    expect(() => parseMasterKeys(text)).not.toThrow(/ss|c3Nz/);
  });

  it("shows no key when it is printed", () => {
    const shown = inspect(first, { depth: 9, showHidden: true }) + JSON.stringify(first);
    expect(shown).not.toContain(first.key.export().toString("base64").slice(0, 12));
    expect(shown).not.toContain(first.key.export().toString("hex").slice(0, 12));
  });
});
