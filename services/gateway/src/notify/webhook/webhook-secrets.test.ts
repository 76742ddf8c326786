import { expect, it } from "vitest";
import { OTHER_SECRET, SECRET } from "../testing/receiver.js";
import { signingKeys } from "./signing-keys.js";
import { parseWebhookSecrets, secretsOf } from "./webhook-secrets.js";

it("reads several secrets of a name, and those of one tenant before those of all", () => {
  const secrets = parseWebhookSecrets(`default=${SECRET}, crm=${SECRET},crm=${OTHER_SECRET}\nacme/crm=${OTHER_SECRET}`);
  expect(secretsOf(secrets, "other", "crm")).toEqual([SECRET, OTHER_SECRET]);
  expect(secretsOf(secrets, "acme", "crm")).toEqual([OTHER_SECRET]);
  expect(secretsOf(secrets, "acme", "default")).toEqual([SECRET]);
  expect(secretsOf(secrets, "other", "nope")).toBeUndefined();
});

it("reads names of the store's secrets, and of a tenant's only for itself", async () => {
  const secrets = parseWebhookSecrets(`crm=${SECRET}, crm=secret:crm, acme/crm=secret:acme/crm, acme/crm=secret:crm`);
  expect(secretsOf(secrets, "other", "crm")).toEqual([SECRET, { tenant: "", name: "crm" }]);
  expect(secretsOf(secrets, "acme", "crm")).toEqual([
    { tenant: "acme", name: "crm" },
    { tenant: "", name: "crm" },
  ]);
});

it("signs by all keys of a secret of the store, and quotes none that is not right", async () => {
  const named = [SECRET, { tenant: "acme", name: "crm" }];
  const having = (value: string) => ({ read: async () => ({ value, version: 1 }) });
  const of = 'the webhook secret "crm"';
  expect(await signingKeys(named, of, having(`${OTHER_SECRET}\n${SECRET}\n`))).toEqual([SECRET, OTHER_SECRET, SECRET]);
  for (const value of ["5ec2e7", "", `${SECRET} 5ec2e7`]) {
    const signing = signingKeys(named, of, having(value));
    await expect(signing).rejects.toThrow(/the webhook secret "crm" can't be used/);
    await expect(signing).rejects.not.toThrow("5ec2e7");
  }
});

it.each([
  ["whsec_5ec2e7", /entry 1 has no name/],
  [`default=${SECRET},Big=${SECRET}`, /entry 2 has no name/],
  ["default=secret:5ec2e7/5ec2e7/5ec2e7", /the secret of default \(entry 1\) names no secret/],
  ["crm=secret:acme/5ec2e7", /the secret of crm \(entry 1\) is a tenant's.*TENANT\/crm=/],
  ["globex/crm=secret:acme/5ec2e7", /is a tenant's/],
  ["default=5ec2e7", /the secret of default \(entry 1\)/],
  ["default=whsec_5ec2e7", /the secret of default/],
  [`default=${SECRET}!`, /the secret of default/],
])("refuses %s without quoting it", (text, reason) => {
  expect(() => parseWebhookSecrets(text)).toThrow(reason);
  expect(() => parseWebhookSecrets(text)).not.toThrow(/5ec2e7/);
});
