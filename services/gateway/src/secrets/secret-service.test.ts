import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { SecretService } from "@polyreel/contract";
import { makeMasterKey, parseMasterKeys } from "@polyreel/platform/secrets";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";

const HIDDEN = "5ec2e7f00d";
const keys = parseMasterKeys(`${makeMasterKey()},${makeMasterKey()}`);
let gateway: RunningGateway;
let keyless: RunningGateway;

const secretsOf = (url: string, tenant?: string) =>
  createClient(
    SecretService,
    createConnectTransport({
      baseUrl: url,
      httpVersion: "1.1",
      interceptors: [
        (next) => (request) => {
          if (tenant !== undefined) request.header.set("polyreel-tenant", tenant);
          return next(request);
        },
      ],
    }),
  );
const refusal = (call: Promise<unknown>): Promise<ConnectError> =>
  call.then(() => Promise.reject(new Error("It was not refused.")), ConnectError.from);

beforeAll(async () => {
  [gateway, keyless] = await Promise.all([runGateway({ secrets: { keys, keysFile: "" } }), runGateway()]);
});
afterAll(() => Promise.all([gateway.close(), keyless.close()]));

it("sets, lists and deletes secrets, a tenant its own and operators those of all", async () => {
  const [operator, acme] = [secretsOf(gateway.url), secretsOf(gateway.url, "acme")];
  const { secret } = await acme.setSecret({ name: "drive", value: HIDDEN });
  expect(secret).toMatchObject({ name: "drive", tenant: "acme", version: 1, keyId: keys[0]?.id, needsRotation: false });
  await operator.setSecret({ name: "eleven", value: HIDDEN });
  await operator.setSecret({ name: "own", tenant: "globex", value: HIDDEN });
  const titles = async (from: typeof acme, tenant = "") =>
    (await from.listSecrets({ tenant })).secrets.map((one) => `${one.tenant}/${one.name}`);
  expect(await titles(operator)).toEqual(["/eleven", "acme/drive", "globex/own"]);
  expect([await titles(acme), await titles(operator, "globex")]).toEqual([["acme/drive"], ["globex/own"]]);
  const calls = [
    acme.setSecret({ name: "own", tenant: "globex", value: "x" }),
    acme.listSecrets({ tenant: "globex" }),
    acme.rotateSecrets({}),
  ];
  for (const { code } of await Promise.all(calls.map(refusal))) expect(code).toBe(Code.PermissionDenied);
  expect(await refusal(acme.deleteSecret({ name: "driev" }))).toMatchObject({
    ...{ code: Code.NotFound, rawMessage: expect.stringContaining('Did you mean "drive"?') },
  });
  await acme.deleteSecret({ name: "drive" });
  expect(await titles(acme)).toEqual([]);
});

it("keeps no value in the store as it is, and answers with none", async () => {
  const { secrets } = await secretsOf(gateway.url).listSecrets({});
  expect(JSON.stringify(secrets, (_, value) => (typeof value === "bigint" ? `${value}` : value))).not.toContain(HIDDEN);
  const folder = gateway.config.store.address;
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  const bytes = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), "latin1")));
  expect(bytes.join()).toContain("eyJhbGciOiJkaXIi"); // The beginning of a JWE.
  expect(bytes.join()).not.toContain(HIDDEN);
});

it.each([
  ["a number", `{"name": "a", "value": 5ec2e7}`],
  ["an object", `{"name": "a", "value": {"key": "${HIDDEN}"}}`],
  ["a list", `{"name": "a", "value": ["${HIDDEN}"]}`],
  ["broken JSON", `{"name": "a", "value": "${HIDDEN}`],
  ["an unknown field", `{"name": "a", "valeu": "${HIDDEN}"}`],
  ["another type of name", `{"name": {"${HIDDEN}": 1}, "value": "${HIDDEN}"}`],
  ["a wrong name", `{"name": "A b", "value": "${HIDDEN}"}`],
  ["too long a value", JSON.stringify({ name: "a", value: HIDDEN.repeat(10_000) })],
])("refuses %s without quoting the value", async (_, body) => {
  const answer = await fetch(`${gateway.url}/polyreel.v1.SecretService/SetSecret`, {
    ...{ method: "POST", headers: { "content-type": "application/json" }, body },
  });
  expect(answer.status).toBe(400);
  const text = await answer.text();
  const details = (JSON.parse(text) as { details?: { value: string }[] }).details ?? [];
  const decoded = details.map(({ value }) => Buffer.from(value, "base64").toString("latin1"));
  expect(text + decoded.join()).not.toContain("5ec2e7");
});

it("has at most a hundred of a tenant, each of which may still be changed", async () => {
  const many = secretsOf(gateway.url, "many");
  for (let i = 0; i < 100; i++) await many.setSecret({ name: `s${i}`, value: "x" });
  expect((await refusal(many.setSecret({ name: "one-more", value: "x" }))).code).toBe(Code.ResourceExhausted);
  expect((await many.setSecret({ name: "s7", value: "y" })).secret?.version).toBe(2);
});

it("says what is missing without a master key", async () => {
  const error = await refusal(secretsOf(keyless.url).setSecret({ name: "a", value: HIDDEN }));
  expect(error).toMatchObject({ code: Code.FailedPrecondition });
  expect(error.rawMessage).toMatch(/no master key.*POLYREEL_SECRET_KEYS_FILE.*keygen/);
  expect((await secretsOf(keyless.url).listSecrets({})).secrets).toEqual([]);
});
