import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nkeys } from "@nats-io/transport-node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openAccess } from "./access.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-access-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A file of credentials as nsc makes it, but for the signature. */
function credentials(name: string) {
  const pair = nkeys.createUser();
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const jwt = `${part({ typ: "JWT", alg: "ed25519-nkey" })}.${part({ name, sub: pair.getPublicKey() })}.c2ln`;
  const seed = new TextDecoder().decode(pair.getSeed());
  const block = (title: string, text: string) => `-----BEGIN ${title}-----\n${text}\n------END ${title}------\n`;
  const note = "************************* IMPORTANT *************************\n";
  return {
    jwt,
    user: pair.getPublicKey(),
    text: `${block("NATS USER JWT", jwt)}\n${note}${block("USER NKEY SEED", seed)}`,
  };
}

it("authenticates by a file of credentials, and reads a replaced one at the next connection", async () => {
  const credsFile = join(folder, "planner.creds");
  const [first, second] = [credentials("planner"), credentials("planner-2")];
  await writeFile(credsFile, first.text);
  const { options, user } = openAccess({ credsFile }, false);
  expect(user()).toBe(`planner, ${first.user}`);
  const authenticate = options.authenticator as (nonce: string) => unknown;
  expect(authenticate("nonce")).toMatchObject({ jwt: first.jwt, nkey: first.user, sig: expect.any(String) });
  await writeFile(credsFile, second.text);
  expect(authenticate("nonce")).toMatchObject({ jwt: second.jwt, nkey: second.user });
  expect(user()).toBe(`planner-2, ${second.user}`);
  await rm(credsFile); // It is being replaced.
  expect(authenticate("nonce")).toMatchObject({ jwt: second.jwt });
});

it("refuses a file that has no credentials", async () => {
  const credsFile = join(folder, "planner.creds");
  await writeFile(credsFile, "nothing");
  expect(() => openAccess({ credsFile }, false)).toThrow(/POLYREEL_NATS_CREDS.*is no file of credentials/);
});
