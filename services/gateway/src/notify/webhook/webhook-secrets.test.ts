import { expect, it } from "vitest";
import { OTHER_SECRET, SECRET } from "../testing/receiver.js";
import { parseWebhookSecrets, secretsOf } from "./webhook-secrets.js";

it("reads several secrets of a name, and those of one tenant before those of all", () => {
  const secrets = parseWebhookSecrets(`default=${SECRET}, crm=${SECRET},crm=${OTHER_SECRET}\nacme/crm=${OTHER_SECRET}`);
  expect(secretsOf(secrets, "other", "crm")).toEqual([SECRET, OTHER_SECRET]);
  expect(secretsOf(secrets, "acme", "crm")).toEqual([OTHER_SECRET]);
  expect(secretsOf(secrets, "acme", "default")).toEqual([SECRET]);
  expect(secretsOf(secrets, "other", "nope")).toBeUndefined();
});

it.each([
  ["whsec_5ec2e7", /entry 1 has no name/],
  [`default=${SECRET},Big=${SECRET}`, /entry 2 has no name/],
  ["default=5ec2e7", /the secret of default \(entry 1\)/],
  ["default=whsec_5ec2e7", /the secret of default/],
  [`default=${SECRET}!`, /the secret of default/],
])("refuses %s without quoting it", (text, reason) => {
  expect(() => parseWebhookSecrets(text)).toThrow(reason);
  expect(() => parseWebhookSecrets(text)).not.toThrow(/5ec2e7/);
});
