import { PolyreelError } from "@polyreel/platform";
import { describe, expect, it } from "vitest";
import { s3KeysOf } from "./s3-credentials.js";
import { NO_SECRETS, type Secrets, secretsIn } from "./secrets.js";

const OF = 'the destination "ads"';
const ADS = { tenant: "acme", name: "ads" };
const VALUE = "aws_access_key_id = id\naws_secret_access_key = hidden\n";
const inStore = (value?: string): Secrets =>
  secretsIn({
    read: async ({ name }) => (value === undefined || name !== "ads" ? undefined : { value, version: 1 }),
    names: async () => ["ads", "footage"],
  });

describe("secrets", () => {
  it("gives the keys of S3", async () => {
    expect(await s3KeysOf({ secret: ADS }, OF, inStore(VALUE))()).toEqual({
      ...{ accessKeyId: "id", secretAccessKey: "hidden" },
    });
  });

  it.each([
    [
      "that is missing",
      inStore(),
      ADS,
      /^The credentials of the destination "ads" can't be used: there is no secret "acme\/ads"\./,
    ],
    [
      "that is misspelt",
      inStore(VALUE),
      { ...ADS, name: "adds" },
      /Did you mean "acme\/ads"\? Set it: polyreel secrets set adds --tenant acme$/,
    ],
    [
      "of all tenants that is missing",
      inStore(),
      { ...ADS, tenant: "" },
      /no secret "ads"\..*Set it: polyreel secrets set ads$/,
    ],
    [
      "without its keys",
      inStore("hidden"),
      ADS,
      /^The secret of the destination "ads" has no aws_access_key_id\. Set it to the lines/,
    ],
    ["of a command without a server", NO_SECRETS, ADS, /which only services read\. Ask a server/],
  ])("explains a secret %s", async (_, secrets, secret, message) => {
    const error = await s3KeysOf({ secret }, OF, secrets)().catch((thrown: unknown) => thrown as PolyreelError);
    expect(error).toMatchObject({ code: "precondition" });
    const { reason, remedy } = (error as PolyreelError).failure;
    expect(`${reason} ${remedy}`).toMatch(message);
    expect(`${reason} ${remedy}`).not.toContain("hidden");
  });

  it("names what needs a secret that does not open", async () => {
    const secrets = secretsIn({
      read: async () => {
        throw new PolyreelError("precondition", {
          reason: 'The secret "acme/ads" is damaged.',
          remedy: "Set it again.",
        });
      },
      names: async () => [],
    });
    await expect(secrets.read(ADS, OF)).rejects.toMatchObject({
      failure: { reason: 'The credentials of the destination "ads" can\'t be used: the secret "acme/ads" is damaged.' },
    });
  });

  it("passes an outage of the store on as one", async () => {
    const away = new PolyreelError("unavailable", "The store is away.");
    const secrets = secretsIn({ read: () => Promise.reject(away), names: async () => [] });
    await expect(secrets.read(ADS, OF)).rejects.toBe(away);
  });
});
