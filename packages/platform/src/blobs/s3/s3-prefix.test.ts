import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseS3Address } from "./s3-address.js";
import { bodyOf } from "./s3-body.js";
import { givenKeys } from "./s3-keys.js";
import { S3Prefix } from "./s3-prefix.js";
import { STORE_TERMS } from "./s3-terms.js";
import { NEEDS_SEAWEED, type S3Server, startSeaweed } from "./testing/seaweed.js";

describe("S3Prefix", NEEDS_SEAWEED, () => {
  let server: S3Server;
  let prefix: S3Prefix;
  beforeAll(async () => {
    server = await startSeaweed();
    const address = parseS3Address(`s3://${server.bucket}/${randomUUID()}?endpoint=${server.endpoint}`);
    prefix = new S3Prefix({ address, terms: STORE_TERMS, keys: givenKeys(server.keys), firstDelayMs: 5 });
  });
  afterAll(() => server?.close());

  const write = (key: string, text: string, condition?: Parameters<S3Prefix["write"]>[2]["condition"]) =>
    prefix.write(key, bodyOf(text), {
      writeId: randomUUID(),
      headers: {},
      ...(condition && { condition }),
      signal: undefined,
    });
  const etagOf = async (key: string) => (await prefix.head(key))?.etag ?? "";

  it("writes only if the condition holds", async () => {
    expect(await write("a", "one", { "if-none-match": "*" })).toBe(true);
    expect(await write("a", "two", { "if-none-match": "*" })).toBe(false);
    const etag = await etagOf("a");
    expect(await write("a", "two", { "if-match": etag })).toBe(true);
    expect(await write("a", "three", { "if-match": etag })).toBe(false);
    expect(await write("absent", "one", { "if-match": etag })).toBe(false);
  });

  it("removes only an unchanged object, on a server with conditional removal", async () => {
    await write("b", "one");
    const etag = await etagOf("b");
    await write("b", "two");
    expect(await prefix.remove("b", etag)).toBe(false);
    expect(await prefix.head("b")).toBeDefined();
    expect(await prefix.remove("b", await etagOf("b"))).toBe(true);
    expect(await prefix.head("b")).toBeUndefined();
  });

  it("lists objects with any names, with and without those in subfolders", async () => {
    const keys = ["c/50% (new) & żółć.mp4", "c/d/e", "c/f"];
    for (const key of keys) await write(key, key);
    const listed = async (deep: boolean) => {
      const found: string[] = [];
      for await (const { key } of prefix.list("c/", { deep })) found.push(key);
      return found;
    };
    expect((await listed(true)).sort()).toEqual([...keys].sort());
    expect((await listed(false)).sort()).toEqual([keys[0], keys[2]].sort());
  });
});
