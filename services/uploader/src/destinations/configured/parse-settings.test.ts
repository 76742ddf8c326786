import { PolyreelError } from "@polyreel/platform";
import { expect, it } from "vitest";
import { parseSettings } from "./parse-settings.js";

const FILE = "/etc/polyreel/destinations.yaml";

const GOOD = `
archive: {type: folder, path: /mnt/archive}
ads:
  type: s3
  address: "s3://ads/campaigns?endpoint=https://s3.example&region=eu-west-1"
  credentials: secrets/ads
  buckets: [ads-eu]
  tenants: [acme]
team: {type: drive, credentials: /run/secrets/drive.json, folder: {path: Videos/2026}, sharedDrive: 0AbC-d_e}
mine: {type: drive, credentials: ../drive.json, folder: {id: 1x_Y-z}, scope: drive}
`;

it("reads every type, with paths from the file's folder", () => {
  expect(Object.fromEntries(parseSettings(FILE, GOOD))).toMatchObject({
    archive: { name: "archive", type: "folder", path: "/mnt/archive", tenants: undefined },
    ads: {
      ...{ type: "s3", credentials: { file: "/etc/polyreel/secrets/ads" }, buckets: ["ads-eu"], tenants: ["acme"] },
      address: { bucket: "ads", prefix: "campaigns/", region: "eu-west-1" },
    },
    team: {
      credentials: { file: "/run/secrets/drive.json" },
      folder: { path: "Videos/2026" },
      sharedDrive: "0AbC-d_e",
    },
    mine: {
      credentials: { file: "/etc/drive.json" },
      folder: { id: "1x_Y-z" },
      sharedDrive: undefined,
      scope: "drive",
    },
  });
});

it("reads names of secrets, a tenant's only in its own entries", () => {
  const own = "a: {type: s3, address: 's3://bucket', credentials: secret:acme/ads, tenants: [acme]}";
  const parsed = (text: string) => parseSettings(FILE, text).get("a");
  expect(parsed(own)).toMatchObject({ credentials: { secret: { tenant: "acme", name: "ads" } } });
  expect(parsed(own.replace("acme/", ""))).toMatchObject({ credentials: { secret: { tenant: "", name: "ads" } } });
  expect(parsed(own.replace("secret:acme/ads", "./secret:ads"))).toMatchObject({
    credentials: { file: "/etc/polyreel/secret:ads" },
  });
});

it("reads JSON, and an empty file", () => {
  const json = JSON.stringify({ archive: { type: "folder", path: "archive" } });
  expect(parseSettings("d.json", json).get("archive")).toMatchObject({ path: expect.stringMatching(/^\/.*archive$/) });
  expect(parseSettings(FILE, "# none yet\n").size).toBe(0);
});

const refusalOf = (text: string): string => {
  try {
    parseSettings(FILE, text);
  } catch (error) {
    if (error instanceof PolyreelError) return `${error.code} ${error.failure.reason}`;
  }
  return "";
};

it.each([
  ["a list", "- a", ":1: It must be fields with values."],
  ["broken YAML", "a: {b: [c\n", "This is not valid YAML."],
  ["an alias", "a: &x {type: folder, path: /a}\nb: *x\n", ":2: Aliases can't be used here."],
  ["a name in capitals", "Ads: {type: folder, path: /a}", `"Ads" can't be a destination's name.`],
  ["an entry without fields", "\na: b", ":2: a: It must be fields with values."],
  ["no type", "a: {path: /a}", "a.type: It is missing. Write one of folder, s3, drive."],
  ["an unknown type", "a: {type: ftp}", "a.type: It can't be that. Write one of folder, s3, drive."],
  ["a misspelt field", "a: {type: folder, pth: /a, path: /b}", `a.pth: There is no such field. Did you mean "path"?`],
  ["a field of another type", "a: {type: folder, path: /b, buckets: []}", "a.buckets: There is no such field."],
  ["no path", "a: {type: folder}", "a.path: It is missing."],
  ["a path that is a number", "a: {type: folder, path: 5}", "a.path: It can't be that."],
  ["no tenants", "a: {type: folder, path: /a, tenants: []}", "a.tenants: No tenant could use it."],
  ["a wrong tenant", "a:\n  type: folder\n  path: /a\n  tenants: [b, B]", ":4: a.tenants[1]: It can't be that."],
  ["no address", "a: {type: s3, credentials: /k}", "a.address: It is missing."],
  [
    "a wrong address",
    "a: {type: s3, credentials: /k, address: 's3://B'}",
    "a.address: The address has no valid bucket",
  ],
  [
    "an address that creates its bucket",
    "a: {type: s3, credentials: /k, address: 's3://bucket?create=true'}",
    "a.address: It can't have create=true.",
  ],
  [
    "an unknown scope",
    "a: {type: drive, credentials: /k, scope: all}",
    "a.scope: It can't be that. Write one of drive.file, drive.",
  ],
  [
    "another tenant's secret",
    "a: {type: drive, credentials: secret:acme/k, tenants: [acme, b]}",
    "a.credentials: It is a tenant's secret, and others may use the entry.",
  ],
  [
    "a tenant's secret for all",
    "a: {type: drive, credentials: secret:acme/k}",
    "a.credentials: It is a tenant's secret",
  ],
  ["a secret without a name", "a: {type: drive, credentials: 'secret:'}", "a.credentials: It names no secret."],
  ["a misspelt secret", "a: {type: drive, credentials: secrets:k}", 'It names no secret. Did you mean "secret:"?'],
  ["no credentials", "a: {type: s3, address: 's3://bucket'}", "a.credentials: It is missing."],
  [
    "a wrong bucket",
    "a: {type: s3, address: 's3://bucket', credentials: /k, buckets: [s3://c]}",
    "a.buckets[0]: It can't be that.",
  ],
  [
    "a folder by id and path",
    "a: {type: drive, credentials: /k, folder: {id: a, path: b}}",
    "a.folder: It must have either an id or a path.",
  ],
  ["two mistakes", "a: {type: ftp}\nb: {type: folder}", "b.path: It is missing."],
])("refuses %s", (_, text, reason) => {
  expect(refusalOf(text)).toMatch(/^invalid The file of destinations is not right/);
  expect(refusalOf(text)).toContain(reason);
});

it.each([
  "a: {type: s3, address: 's3://user:hidden@bucket', credentials: /k}",
  "a: {type: s3, address: 's3://bucket?key=hidden', credentials: [hidden]}",
  "a: {type: hidden}",
  "a: {type: folder, path: /a, tenants: [HIDDEN, hidden!]}",
  "a: hidden",
  "a: {type: drive, credentials: 'secret:hidden/HIDDEN'}",
  'a: "hidden\n b: [',
  "a: *hidden",
  "a: !hidden b",
])("quotes no value that may be a key in the wrong place: %s", (text) => {
  expect(refusalOf(text)).not.toBe("");
  expect(refusalOf(text)).not.toMatch(/hidden/i);
});
