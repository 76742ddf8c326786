import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Server, Workshop } from "../testing/workshop.js";

const SECRET = `whsec_${Buffer.alloc(24, "secret").toString("base64")}`;
const NOTHING = "blocks: [{name: v, video: {choices: [{source: none.mp4}]}}]\n";

let workshop: Workshop;
let up: Server;
let status = 204;
const events: { type: string; data: { batchId?: string; name?: string; failed?: number } }[] = [];
const receiver = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  events.push(JSON.parse(body));
  response.writeHead(status).end();
});

beforeAll(async () => {
  workshop = await Workshop.open();
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  up = await workshop.up(["--out", "videos"], {
    POLYREEL_WEBHOOK_SECRETS: `default=${SECRET}`,
    POLYREEL_NOTIFY_ALLOW: "127.0.0.1",
  });
}, 120_000);
afterAll(async () => {
  await workshop.close();
  receiver.close();
});

const url = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook?token=5ec2e7`;

it("notifies of a batch, lists it, and sends it again", async () => {
  await workshop.write("batch.yaml", `name: sale\n${NOTHING}notify: [{webhook: {url: "${url()}", on: [finished]}}]\n`);
  status = 410;
  const submitted = await up.run("submit", "batch.yaml", "--watch", "--json");
  const { batchId } = JSON.parse(submitted.stdout);
  const listed = async () => (await up.run("webhooks", "list", batchId, "--json")).stdout.trim().split("\n");
  const texts = async () => (await up.run("webhooks", "list", batchId, "--state", "stopped")).stdout;
  await expect.poll(texts, { timeout: 20_000 }).toMatch(/^ntf_.* batch\.finished .*\n/m);
  const shown = await texts();
  expect(shown).toMatch(/^ntf_\w+ {2}\w+ {2}[\d-]+ [\d:]+ {2}stopped {2}.* 127\.0\.0\.1:\d+\/hook {2}.*410/m);
  expect(shown + (await listed()).join()).not.toContain("5ec2e7");
  const { id } = JSON.parse((await listed()).find((line) => line.includes("batch.finished")) ?? "");
  status = 204;
  const before = events.length;
  expect(await up.run("webhooks", "resend", id)).toMatchObject({ exitCode: 0, stdout: `${id}  is sent again\n` });
  await expect.poll(() => events.length, { timeout: 10_000 }).toBe(before + 1);
  expect(events.at(-1)).toMatchObject({ type: "batch.finished", data: { batchId, name: "sale", failed: 1 } });
  const sent = async () => (await up.run("webhooks", "list", "--state", "sent")).stdout;
  await expect.poll(sent, { timeout: 10_000 }).toContain(id);
});

it("tests receivers", async () => {
  status = 204;
  const accepted = await up.run("webhooks", "test", url());
  expect(accepted).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^127\.0\.0\.1:\d+\/hook {2}accepted \(204\)\n$/),
  });
  expect(events.at(-1)).toMatchObject({ type: "test" });
  status = 500;
  const text = await up.run("webhooks", "test", url());
  expect(text.stdout).toMatch(/^127\.0\.0\.1:\d+\/hook {2}not accepted: It answers 500 \(Internal Server Error\)\.\n$/);
  const refused = await up.run("webhooks", "test", url(), "--json");
  expect(refused.exitCode).toBe(1);
  expect(JSON.parse(refused.stdout)).toMatchObject({ channel: "webhook", accepted: false, status: 500 });
});

it.each<[string[], RegExp]>([
  [["test"], /What is to be tested\?/],
  [["resend", "ntf_nope"], /no notification "ntf_nope"/],
  [["test", "nope"], /no batch "nope"/],
  [["test", "http://10.0.0.1/"], /inner network/],
  [["test", "https://a.example/", "--secret", "other"], /no secret "other"/],
  [["test", "ann@b.example"], /no mail server is configured/],
  [["lst"], /choices are list, test, resend, secret/],
])("refuses %j", async (args, reason) => {
  const { exitCode, stderr } = await up.run("webhooks", ...args);
  expect(stderr).toMatch(reason);
  expect(exitCode).toBe(2);
});

it("refuses a batch whose receiver could never be notified, with the place in its file", async () => {
  await workshop.write("wrong.yaml", `${NOTHING}notify:\n  - webhook: {url: "https://a.example/", secret: crm}\n`);
  const { exitCode, stderr } = await up.run("submit", "wrong.yaml");
  expect(exitCode).toBe(2);
  expect(stderr).toContain('The server has no secret "crm"');
  expect(stderr).toContain("wrong.yaml:3");
});

it("prints new secrets, without a server", async () => {
  const { stdout } = await workshop.run(["webhooks", "secret"], { POLYREEL_SERVER: "http://127.0.0.1:1" });
  expect(stdout).toMatch(/^whsec_[A-Za-z0-9+/]{43}=\n$/);
});

it("is not done by render, which says so", async () => {
  await workshop.write("batch.yaml", `${NOTHING}notify: [{email: {to: [ann@b.example]}}]\n`);
  const { stderr } = await workshop.run(["render", "batch.yaml", "--out", "rendered"]);
  expect(stderr).toContain("Nobody is notified");
});
