import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createUser } from "@nats-io/nkeys";
import { startNatsServer } from "@polyreel/platform/stream";
import { afterEach, describe, expect, it } from "vitest";
import { type Certified, createAuthority, issueCertificate } from "./certificates.js";
import { type NatsUsers, startWithUsers } from "./testing/nats-users.js";

const PATIENT = { timeout: 20_000 };
const DAY_MS = 86_400_000;

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
const start = async (...options: Parameters<typeof startWithUsers>): Promise<NatsUsers> => {
  const nats = await startWithUsers(...options);
  opened.push(nats);
  return nats;
};

/** The refusal of a connection; it must come at once, as retrying would not help. */
async function refusal(nats: NatsUsers, access?: object, url?: string): Promise<string> {
  const began = performance.now();
  const error = await nats.connect("planner", access, url).then(
    () => expect.fail("it was not refused"),
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: "precondition" });
  expect(performance.now() - began).toBeLessThan(10_000);
  return (error as Error).message;
}

describe("without TLS", () => {
  it("refuses strangers at once, and names them", async () => {
    const nats = await start();
    expect(await refusal(nats, {})).toBe("The NATS server refuses this service's user.");
    const stranger = createUser();
    const nkeyFile = join(nats.folder, "stranger.nk");
    await writeFile(nkeyFile, stranger.getSeed());
    expect(await refusal(nats, { nkeyFile })).toBe(
      `The NATS server refuses this service's user (nkey ${stranger.getPublicKey()}).`,
    );
    await writeFile(join(nats.folder, "password"), "guess\n");
    const guessed = { user: "admin", passwordFile: join(nats.folder, "password") };
    expect(await refusal(nats, guessed)).toContain("(admin)");
  });

  it("refuses unusable files before it connects, and says nothing of their contents", async () => {
    const nats = await start();
    const file = join(nats.folder, "damaged.nk");
    expect(await refusal(nats, { nkeyFile: file })).toMatch(/POLYREEL_NATS_NKEY_FILE.*can't be read \(ENOENT\)/);
    const seed = (await readFile(nats.filesOf("planner").nkeyFile, "utf8")).trim();
    await writeFile(file, seed.slice(0, -1));
    const message = await refusal(nats, { nkeyFile: file });
    expect(message).toMatch(/has no seed of a user's nkey/);
    expect(message).not.toContain(seed.slice(4, 20));
    expect(await refusal(nats, { ...nats.filesOf("planner"), credsFile: file })).toMatch(/several users/);
    expect(await refusal(nats, { user: "planner" })).toMatch(/POLYREEL_NATS_PASSWORD_FILE is not/);
    expect(await refusal(nats, { ...nats.filesOf("planner"), certFile: file })).toMatch(/POLYREEL_NATS_KEY is not/);
  });

  it("takes a replaced key at the next connection, without a restart", async () => {
    const nats = await start();
    const connection = await nats.connect("planner");
    const old = await readFile(nats.filesOf("planner").nkeyFile, "utf8");
    let reconnected = 0;
    void (async () => {
      for await (const { type } of connection.status()) if (type === "reconnect") reconnected++;
    })();
    await rm(nats.filesOf("planner").nkeyFile);
    await nats.reload();
    await expect.poll(() => reconnected, PATIENT).toBe(1);
    await connection.flush();
    expect(await readFile(nats.filesOf("planner").nkeyFile, "utf8")).not.toBe(old);
    await writeFile(join(nats.folder, "old.nk"), old);
    expect(await refusal(nats, { nkeyFile: join(nats.folder, "old.nk") })).toContain("refuses this service's user");
  });
});

describe("with TLS", () => {
  /** Writes a certificate, issued some days ago for one day or as many as given. */
  async function write(path: string, { certificate, key }: Certified): Promise<void> {
    await writeFile(`${path}.pem`, certificate);
    await writeFile(`${path}-key.pem`, key);
  }
  const issue = (authority: Certified, hosts: readonly string[] | undefined, daysAgo: number, days: number) =>
    issueCertificate(
      authority,
      { name: "x", ...(hosts && { hosts }) },
      { now: new Date(Date.now() - daysAgo * DAY_MS), days },
    );
  const authorityOf = async (folder: string): Promise<Certified> => ({
    certificate: await readFile(join(folder, "tls/ca.pem"), "utf8"),
    key: await readFile(join(folder, "tls/ca-key.pem"), "utf8"),
  });

  it("connects with a client certificate, and not without, with that of another authority, or with an expired one", async () => {
    const nats = await start({ tls: true });
    const access = nats.filesOf("planner");
    for (const host of ["localhost", "127.0.0.1"]) {
      const connection = await nats.connect("planner", access, `tls://${host}:${new URL(nats.server.url).port}`);
      await connection.flush();
    }
    const { nkeyFile, caFile } = access;
    const given = async (name: string, certified: Certified) => {
      const path = join(nats.folder, name);
      await write(path, certified);
      return { nkeyFile, caFile, certFile: `${path}.pem`, keyFile: `${path}-key.pem` };
    };
    const others = await issue(await createAuthority("Other", new Date()), undefined, 0, 9);
    const expired = await issue(await authorityOf(nats.folder), undefined, 3, 1);
    // The client finds out only by a timeout.
    const refused = [{ nkeyFile, caFile }, await given("others", others), await given("expired", expired)];
    for (const message of await Promise.all(refused.map((one) => refusal(nats, one))))
      expect(message).toContain("client certificate");
    // The right certificate with another's key of NATS is that other user.
    await (await nats.connect("tts", { ...access, nkeyFile: nats.filesOf("tts").nkeyFile })).flush();
  });

  it("logs why it does not reconnect, and reconnects with a new certificate", { timeout: 60_000 }, async () => {
    const nats = await start({ tls: true });
    const connection = await nats.connect("planner");
    const path = join(nats.folder, "tls/planner");
    const valid = {
      certificate: await readFile(`${path}.pem`, "utf8"),
      key: await readFile(`${path}-key.pem`, "utf8"),
    };
    await write(path, await issue(await authorityOf(nats.folder), undefined, 3, 1));
    await connection.reconnect();
    const reasons = () => nats.lines.map(({ message }) => message);
    await expect.poll(reasons, { timeout: 30_000 }).toContainEqual(expect.stringContaining("client certificate"));
    await write(path, valid);
    await expect.poll(reasons, { timeout: 30_000 }).toContain("reconnected to NATS");
    await connection.flush();
  });

  it("trusts the given authorities only", async () => {
    const nats = await start({ tls: true });
    const { caFile: _, ...access } = nats.filesOf("planner") as Record<string, string>;
    expect(await refusal(nats, access)).toContain("not signed by an authority");
    const other = join(nats.folder, "other");
    await write(other, await createAuthority("Other", new Date()));
    expect(await refusal(nats, { ...access, caFile: `${other}.pem` })).toContain("not signed by an authority");
  });

  it.each<[string, readonly string[], number, RegExp]>([
    ["has expired", ["localhost", "127.0.0.1"], 3, /has expired/],
    ["is for another name", ["nats.example.org"], 0, /does not have the name/],
  ])("refuses a server whose certificate %s", async (_, hosts, daysAgo, message) => {
    const nats = await start({
      tls: true,
      prepare: async (folder) =>
        write(join(folder, "tls/server"), await issue(await authorityOf(folder), hosts, daysAgo, 1)),
    });
    expect(await refusal(nats)).toMatch(message);
  });

  it("refuses a server without TLS", async () => {
    const nats = await start({ tls: true });
    const plain = await startNatsServer();
    opened.push(plain);
    expect(await refusal(nats, undefined, plain.url)).toContain("has no TLS");
  });
});
