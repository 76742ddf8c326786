import { readFile } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import { expect, it } from "vitest";
import { parseBuckets } from "./bucket-settings.js";

const FILE = "/etc/polyreel/buckets.yaml";

it("reads entries like those of destinations, with paths from the file's folder", () => {
  const found = parseBuckets(
    FILE,
    `
footage: {address: "s3://footage/raw?endpoint=https://s3.example", credentials: keys, buckets: [footage-eu]}
own: {type: s3, address: "s3://own", credentials: /run/keys, tenants: [acme]}
`,
  );
  expect(Object.fromEntries(found)).toMatchObject({
    footage: {
      address: { bucket: "footage", prefix: "raw/" },
      ...{ credentials: { file: "/etc/polyreel/keys" }, buckets: ["footage-eu"], tenants: undefined },
    },
    own: { credentials: { file: "/run/keys" }, buckets: [], tenants: ["acme"] },
  });
});

it("reads the guide's file", async () => {
  const page = await readFile(new URL("../../../../../docs/guide/sources-from-the-web.md", import.meta.url), "utf8");
  const [, text = ""] = /`buckets\.yaml`\n\n```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  expect(parseBuckets(FILE, text).get("footage")).toMatchObject({
    address: { bucket: "footage", prefix: "raw/" },
    ...{ credentials: { file: "/etc/polyreel/footage-keys" }, buckets: ["footage-eu"], tenants: ["default"] },
  });
});

const refusalOf = (text: string): string => {
  try {
    parseBuckets(FILE, text);
  } catch (error) {
    if (error instanceof PolyreelError) return `${error.code} ${error.failure.reason} ${error.failure.remedy}`;
  }
  return "";
};

it.each([
  ["a folder", "a: {type: folder, path: /a}", "a.type: It can't be that. Write one of s3."],
  ["no address", "a: {credentials: /k}", "a.address: It is missing."],
  ["no credentials", "a: {address: 's3://bucket'}", "a.credentials: It is missing."],
  ["a misspelt field", "a: {adress: 's3://bucket'}", 'a.adress: There is no such field. Did you mean "address"?'],
  ["a name in capitals", "A: {}", `"A" can't be a bucket's name.`],
  ["a key in the wrong place", "a: {address: 's3://user:hidden@bucket', credentials: [hidden]}", "a user or password"],
])("refuses %s", (_, text, reason) => {
  expect(refusalOf(text)).toContain(reason);
  expect(refusalOf(text)).toMatch(/^invalid The file of buckets is not right.*POLYREEL_SOURCE_BUCKETS/);
  expect(refusalOf(text)).not.toContain("hidden");
});
