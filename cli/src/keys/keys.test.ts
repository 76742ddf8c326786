import { afterAll, beforeAll, expect, it } from "vitest";
import { type Server, Workshop } from "../testing/workshop.js";

let workshop: Workshop;
let up: Server;
/** The first key, an operator's. */
let operator: string;

const keys = (args: readonly string[], key?: string) =>
  workshop.run(["keys", ...args], { POLYREEL_SERVER: up.url, ...(key && { POLYREEL_KEY: key }) });

beforeAll(async () => {
  workshop = await Workshop.open();
  up = await workshop.up(["--out", "videos"], { POLYREEL_AUTH: "required" });
  const token = (await up.waitForOutput(/setup_[\w-]+/)).trim();
  const created = await keys(["create", "admin", "--role", "operator"], token);
  operator = created.stdout.trim();
  expect(created).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('"admin" (operator). It is shown only'),
  });
}, 120_000);
afterAll(() => workshop.close());

it("refuses commands without a key, and says where it comes from", async () => {
  const refused = await up.run("list");
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).toMatch(/no key.*POLYREEL_KEY/s);
});

it("works for a tenant from upload to video with an editor's key, and lists and revokes it", async () => {
  const { stdout } = await keys(
    ["create", "render", "farm", "--tenant", "acme", "--expires", "90d", "--json"],
    operator,
  );
  const { id, secret, role, tenant } = JSON.parse(stdout);
  expect({ role, tenant }).toEqual({ role: "ROLE_EDITOR", tenant: "acme" });
  await workshop.film("a.mp4", 0.4);
  await workshop.write("batch.yaml", "blocks: [{name: v, video: {choices: [{source: a.mp4}]}}]\n");
  const asEditor = { POLYREEL_SERVER: up.url, POLYREEL_KEY: secret };
  const submitted = await workshop.run(["submit", "batch.yaml", "--watch", "--json"], asEditor);
  expect(submitted).toMatchObject({ exitCode: 0 });
  const { batchId } = JSON.parse(submitted.stdout.split("\n")[0] ?? "");
  expect(await workshop.run(["fetch", batchId, "--out", "fetched"], asEditor)).toMatchObject({ exitCode: 0 });
  const deleted = await workshop.run(["delete", batchId], asEditor);
  expect(deleted.stderr).toContain("needs the role admin, and the caller has editor");

  expect((await keys(["list"], operator)).stdout).toMatch(/render farm +editor +acme +until [\d-]+ +[\d-]+/);
  expect((await keys(["revoke", id], operator)).stderr).toContain("is revoked");
  expect((await workshop.run(["list"], asEditor)).stderr).toContain("unknown, or no longer valid");
});

it.each([
  [["create"], "needs a name"],
  [["create", "x", "--expires", "soon"], "is no span of time"],
  [["revoke"], "Which key?"],
  [["revoke", "0123456789abcdef"], "There is no key with the id"],
])("explains what is wrong with %j", async (args, message) => {
  const { exitCode, stderr } = await keys(args, operator);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
});

it("prints who did what, for operators", async () => {
  const audit = (args: readonly string[]) =>
    workshop.run(["audit", ...args], { POLYREEL_SERVER: up.url, POLYREEL_KEY: operator });
  const { stdout } = await audit(["--since", "1d", "--outcome", "ok"]);
  expect(stdout).toMatch(/^[\d-]+ [\d:]+ {2}acme {2}key admin \(127\.0\.0\.1\) {2}RevokeKey {2}key \w+ {2}ok$/m);
  expect(stdout).toMatch(
    /acme {2}key render farm \(127\.0\.0\.1\) {2}PUT \/sources\/\* {2}source \w+ {2}ok$|PutSource {2}source/m,
  );
  const refused = await audit(["--who", "render farm", "--outcome", "refused", "--json"]);
  expect(JSON.parse(refused.stdout.split("\n")[0] ?? "")).toMatchObject({ principal: { name: "render farm" } });
  expect((await audit(["--action", "CreateKey", "-n", "1"])).stdout.trim().split("\n")).toHaveLength(1);
  expect((await audit(["--object", "nothing"])).stderr).toContain("There are no entries like that.");
  expect(await audit(["--since", "soon"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("Give a time like"),
  });
  expect(await audit(["-n", "x"])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("-n 20") });
});
