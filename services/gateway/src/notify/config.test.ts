import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { NotifySchema } from "@polyreel/contract";
import type { PolyreelError } from "@polyreel/platform";
import { expect, it } from "vitest";
import { assertReceivers } from "./assert-receivers.js";
import { defaultsOf, readNotifyConfig } from "./config.js";
import { SECRET } from "./testing/receiver.js";

const HOOK = '[{webhook: {url: "https://a.example/hook?token=5ec2e7"}}]';

it("reads defaults inline or from a file, for all tenants or one, with everything filled in", async () => {
  const inline = readNotifyConfig({ POLYREEL_NOTIFY: HOOK });
  expect(defaultsOf(inline, "acme")[0]?.channel.value).toMatchObject({ secret: "default", on: [1, 2] });
  const folder = await mkdtemp(join(tmpdir(), "polyreel-notify-"));
  await writeFile(join(folder, "notify.yaml"), `acme: ${HOOK}\n`);
  const config = readNotifyConfig({ POLYREEL_NOTIFY: join(folder, "notify.yaml") });
  await rm(folder, { recursive: true });
  expect([defaultsOf(config, "acme").length, defaultsOf(config, "other").length]).toEqual([1, 0]);
});

it.each([
  [{ POLYREEL_NOTIFY: "/nowhere/notify.yaml" }, /POLYREEL_NOTIFY .*can't be read \(ENOENT\)/],
  [{ POLYREEL_NOTIFY: HOOK.replace("url", "adress") }, /POLYREEL_NOTIFY .*Unknown field "adress"/],
  [{ POLYREEL_NOTIFY: HOOK.replace("https", "ftp") }, /That is no address of a webhook/],
  [{ POLYREEL_NOTIFY: "[{email: {to: [a@b.example]}}]" }, /no mail server is configured/],
  [{ POLYREEL_WEBHOOK_SECRETS: "default=5ec2e7" }, /POLYREEL_WEBHOOK_SECRETS .*the secret of default/],
  [{ POLYREEL_NOTIFY_ALLOW: "10.1" }, /POLYREEL_NOTIFY_ALLOW/],
  [{ SMTP_URL: "smtp://me:5ec2e7@mail.example" }, /SMTP_FROM/],
  [{ SMTP_TLS: "maybe" }, /SMTP_TLS/],
])("refuses %j, names the variable, and quotes no secret", (env, reason) => {
  expect(() => readNotifyConfig(env)).toThrow(reason);
  expect(() => readNotifyConfig(env)).not.toThrow(/5ec2e7/);
});

const config = readNotifyConfig({
  POLYREEL_WEBHOOK_SECRETS: `default=${SECRET},acme/crm=${SECRET}`,
  SMTP_HOST: "mail.example",
  SMTP_FROM: "polyreel@b.example",
});
type Channel = NonNullable<MessageInitShape<typeof NotifySchema>["channel"]>;
const webhook = (value: object): Channel => ({ case: "webhook", value: { secret: "default", ...value } });

it.each<[string, Channel, string, RegExp]>([
  [
    "an unknown secret",
    webhook({ url: "https://a.example/", secret: "x" }),
    "notify[0].webhook.secret",
    /no secret "x"/,
  ],
  [
    "another tenant's secret",
    webhook({ url: "https://a.example/", secret: "crm" }),
    "notify[0].webhook.secret",
    /no secret/,
  ],
  ["an inner address", webhook({ url: "https://10.0.0.1/?t=5ec2e7" }), "notify[0].webhook.url", /inner network/],
  ["plain http to an address", webhook({ url: "http://8.8.8.8/" }), "notify[0].webhook.url", /address of http/],
  ["a foreign domain", { case: "email", value: { to: ["a@c.example"] } }, "notify[0].email.to[0]", /to c\.example/],
])("refuses a batch's receiver with %s", (_, channel, field, reason) => {
  const notify = [create(NotifySchema, { channel })];
  const refuse = () => assertReceivers(notify, "other", config);
  expect(refuse).toThrow(reason);
  expect(refuse).not.toThrow(/5ec2e7/);
  expect(() => assertReceivers(notify, "other", { ...config, enabled: false })).not.toThrow();
  try {
    refuse();
  } catch (error) {
    expect((error as PolyreelError).failure.field).toBe(field);
  }
});

it("sends e-mails to the sender's own domain unless told otherwise", () => {
  const to = (address: string) => [create(NotifySchema, { channel: { case: "email", value: { to: [address] } } })];
  expect(() => assertReceivers(to("ann@B.example"), "acme", config)).not.toThrow();
  const open = { ...config, emailDomains: ["*"] };
  expect(() => assertReceivers(to("ann@c.example"), "acme", open)).not.toThrow();
  expect(() => assertReceivers(to("ann@c.example"), "acme", { ...config, smtp: undefined })).toThrow(/no e-mails/);
});
