import { expect, it } from "vitest";
import { FolderDestination } from "../folder/folder-destination.js";
import { ConfiguredDestinations } from "./configured-destinations.js";
import { parseSettings } from "./parse-settings.js";

/** Destinations whose file is replaced by `write`. */
function opened(text: string) {
  let settings = parseSettings("/d.yaml", text);
  const file = { current: async () => settings };
  return {
    configured: new ConfiguredDestinations(file, (settings) => new FolderDestination(settings.name)),
    write: (next: string) => {
      settings = parseSettings("/d.yaml", next);
    },
  };
}

const ARCHIVE = "archive: {type: folder, path: /mnt/archive}\n";
const ACME = "campaigns: {type: folder, path: /mnt/acme, tenants: [acme]}\n";

it("offers a tenant those that it may use", async () => {
  const { configured } = opened(ACME + ARCHIVE);
  const namesOf = async (tenant: string) => (await configured.of(tenant)).map(({ settings }) => settings.name);
  expect(await namesOf("acme")).toEqual(["archive", "campaigns"]);
  expect(await namesOf("default")).toEqual(["archive"]);
});

it("refuses unknown and other tenants' destinations alike, suggesting only the tenant's own", async () => {
  const { configured } = opened(ACME + ARCHIVE);
  const refusal = (name: string, tenant = "default") =>
    configured.find(name, tenant, "invalid").then(
      () => expect.fail("it was found"),
      (error: unknown) => error,
    );
  const reason = (name: string) => `There is no destination ${JSON.stringify(name)} for this tenant.`;
  expect(await refusal("archve")).toMatchObject({
    code: "invalid",
    failure: {
      ...{ field: "destination", reason: reason("archve") },
      remedy: 'Did you mean "archive"? Its destinations are "archive".',
    },
  });
  for (const name of ["campaigns", "campaign"]) {
    expect(await refusal(name)).toMatchObject({
      failure: { reason: reason(name), remedy: 'Its destinations are "archive".' },
    });
  }
  const none = opened("").configured.find("x", "default", "unavailable");
  await expect(none).rejects.toMatchObject({
    code: "unavailable",
    failure: { remedy: expect.stringContaining("POLYREEL_DESTINATIONS") },
  });
});

it("keeps a destination open whose settings stay the same, and finds former ones for any tenant", async () => {
  const { configured, write } = opened(ACME + ARCHIVE);
  const archive = (await configured.find("archive", "default", "invalid")).in("");
  const acme = (await configured.former("campaigns")).in("");
  write(`${ARCHIVE}campaigns: {type: folder, path: /mnt/other, tenants: [acme]}\n`);
  expect((await configured.find("archive", "default", "invalid")).in("")).toBe(archive);
  expect((await configured.former("campaigns")).in("")).not.toBe(acme);
  write(ARCHIVE);
  await expect(configured.former("campaigns")).rejects.toMatchObject({
    code: "unavailable",
    failure: { reason: 'The destination "campaigns" is no longer configured, and has files of the batch.' },
  });
});

it("allows only the configured buckets", async () => {
  const { configured } = opened(`${ARCHIVE}ads: {type: s3, address: 's3://ads', credentials: /k, buckets: [ads-eu]}\n`);
  const refusal = async (name: string, bucket: string) => {
    const found = await configured.find(name, "default", "invalid");
    expect(() => found.in(bucket)).toThrow(expect.objectContaining({ code: "invalid" }));
    try {
      found.in(bucket);
    } catch (error) {
      return error;
    }
  };
  expect(await refusal("ads", "others")).toMatchObject({
    failure: {
      ...{ field: "bucket", reason: 'The destination "ads" does not allow the bucket "others".' },
      remedy: 'Its buckets are "ads", "ads-eu"; the operator configures them.',
    },
  });
  expect(await refusal("archive", "ads")).toMatchObject({ failure: { remedy: "Leave the bucket out." } });
});
