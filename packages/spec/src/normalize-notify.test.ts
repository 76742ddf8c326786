import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BatchSchema, NotifyEvent, type NotifySchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { parseBatchFile } from "./batch-file/parse.js";
import { parseNotify } from "./batch-file/parse-notify.js";
import { checkNotify } from "./checks/check-notify.js";
import { normalizeBatch } from "./normalize.js";

const notifyOf = (...notify: MessageInitShape<typeof NotifySchema>[]) =>
  normalizeBatch(create(BatchSchema, { notify })).notify;
const webhook = (url: string) => ({ channel: { case: "webhook" as const, value: { url } } });
const none = { channel: { case: "none" as const, value: true } };

it("fills in the events and the name of the secret", () => {
  const [hook, mail] = notifyOf(webhook("https://a.example/"), {
    channel: { case: "email", value: { to: ["a@b.example"] } },
  });
  expect(hook?.channel.value).toMatchObject({ secret: "default", on: [NotifyEvent.FINISHED, NotifyEvent.FAILED] });
  expect(mail?.channel.value).toMatchObject({ on: [NotifyEvent.FINISHED] });
});

it("refuses receivers that are named twice, and none beside others", () => {
  const twice = notifyOf(webhook("https://a.example/?x"), none, webhook("https://a.example/?x"));
  expect(checkNotify(twice).map(({ field, reason }) => `${field}: ${reason}`)).toEqual([
    "notify[1].none: none stands beside other receivers.",
    "notify[2].webhook.url: notify[0] and notify[2] are the same receiver.",
  ]);
  expect(checkNotify(notifyOf(none))).toEqual([]);
});

it("is read from a batch file, with suggestions", () => {
  const text = (notify: string) => `blocks: []\nnotify: ${notify}\n`;
  const good = text(
    "[{webhook: {url: 'https://a.example/', on: [finished, delivered], secret: crm}}, {email: {to: [a@b.example]}}]",
  );
  const { batchFile, problems } = parseBatchFile("batch.yaml", good);
  expect(problems).toEqual([]);
  expect(batchFile?.batch.notify[0]?.channel.value).toMatchObject({ secret: "crm", on: [1, 3] });
  const refusals = (notify: string) =>
    parseBatchFile("batch.yaml", text(notify)).problems.map(({ what, remedy }) => `${what} ${remedy ?? ""}`.trim());
  expect(refusals("[{webhok: {url: x}}]")).toEqual(['Unknown field "webhok". Did you mean "webhook"?']);
  expect(refusals("[{webhook: {url: x, on: [finishd]}}]")[0]).toContain('Did you mean "finished"?');
  expect(refusals("none")).toEqual([expect.stringContaining('"notify" must be a list')]);
});

it("is read as defaults, for all tenants or by tenant, without quoting keys in URLs", () => {
  const all = parseNotify("POLYREEL_NOTIFY", '[{"webhook": {"url": "https://a.example/"}}]');
  expect([...all.notify.keys()]).toEqual(["*"]);
  const some = parseNotify("notify.yaml", "acme: [{email: {to: [a@b.example]}}]\n'*': []\n");
  expect([...some.notify].map(([tenant, list]) => [tenant, list.length])).toEqual([
    ["acme", 1],
    ["*", 0],
  ]);
  const { problems } = parseNotify("notify.yaml", "[{webhook: 'https://a.example/x?token=secret'}]");
  expect(problems[0]?.what).toBe('"webhook" must be fields with values, not the text "https://a.example/x".');
});
