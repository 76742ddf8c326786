import { createHmac, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Role, SessionSchema } from "@polyreel/contract";
import { openFolderStore, type Store, signingKeyKey } from "@polyreel/platform/blobs";
import { decodeJwt, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { AccessTokens } from "./access-tokens.js";
import { SigningKeys } from "./signing-keys.js";

const DAY_MS = 24 * 3600_000;
let folder: string;
let store: Store;
let keys: SigningKeys;
let tokens: AccessTokens;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-tokens-"));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  store = await openFolderStore(join(folder, randomBytes(4).toString("hex")));
  keys = new SigningKeys(store);
  tokens = new AccessTokens(keys);
});
afterEach(() => void vi.useRealTimers());

const session = (expiresAtMs = Date.now() + 30 * DAY_MS) =>
  create(SessionSchema, {
    ...{ id: "5".repeat(32), userId: "7".repeat(24), tenant: "acme", role: Role.EDITOR },
    expiresAt: timestampFromMs(expiresAtMs),
  });
/** The private key that signs, as it is kept. */
async function keptKey(): Promise<{ id: string; jwk: JWK }> {
  const { id } = await keys.signing();
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(signingKeyKey(id))) chunks.push(chunk);
  return { id, jwk: JSON.parse(Buffer.concat(chunks).toString()) };
}
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a token", () => {
  it("states its session, for at most a day", async () => {
    const { token, expiresAtMs } = await tokens.sign(session());
    expect(await tokens.verify(token)).toEqual({ sessionId: "5".repeat(32), expiresAtMs });
    expect(Math.abs(expiresAtMs - Date.now() - DAY_MS)).toBeLessThan(2000);
    expect(decodeJwt(token)).toMatchObject({
      iss: "urn:polyreel",
      sub: "7".repeat(24),
      tenant: "acme",
      role: "editor",
    });
    expect(tokens.isOurs(token)).toBe(true);
    const brief = await tokens.sign(session(Date.now() + 5000));
    expect(brief.expiresAtMs).toBeLessThanOrEqual(Date.now() + 5000);
  });

  /** Changes of a valid token, signed by the right key, that make it a wrong one. */
  const wrong: Record<string, { header?: object; claims?: Record<string, unknown> }> = {
    "another issuer": { claims: { iss: "urn:other" } },
    "another audience": { claims: { aud: "urn:other:api" } },
    "no audience": { claims: { aud: undefined } },
    "no session": { claims: { sid: undefined } },
    "a session that is no text": { claims: { sid: 5 } },
    "no end": { claims: { exp: undefined } },
    "an end a minute ago": { claims: { exp: Date.now() / 1000 - 60 } },
    "a beginning in a minute": { claims: { nbf: Date.now() / 1000 + 60 } },
    "another type": { header: { typ: "JWT" } },
    "no type": { header: { typ: undefined } },
    "an unknown key's id": { header: { kid: `${"0".repeat(14)}-00000000` } },
    "a path as the key's id": { header: { kid: "../users/x" } },
    "no key's id": { header: { kid: undefined } },
    "a critical extension": { header: { crit: ["x"], x: 1 } },
  };
  const signed = async ({ header = {}, claims = {} }: { header?: object; claims?: Record<string, unknown> }) => {
    const { id, jwk } = await keptKey();
    const valid = decodeJwt((await tokens.sign(session())).token);
    const allHeaders = JSON.parse(JSON.stringify({ alg: "EdDSA", typ: "at+jwt", kid: id, ...header }));
    const payload = JSON.parse(JSON.stringify({ ...valid, ...claims }));
    const crit = { crit: { x: false } };
    return new SignJWT(payload).setProtectedHeader(allHeaders).sign(await importJWK(jwk, "EdDSA"), crit);
  };
  it("is accepted unchanged, and with a clock that is seconds off", async () => {
    expect(await tokens.verify(await signed({}))).toBeDefined();
    expect(await tokens.verify(await signed({ claims: { nbf: Date.now() / 1000 + 3 } }))).toBeDefined();
  });
  it.each(Object.keys(wrong))("is refused with %s", async (what) => {
    expect(await tokens.verify(await signed(wrong[what] ?? {}))).toBeUndefined();
  });

  it.each(["none", "HS256", "another key", "a changed payload", "no signature"])("is refused with %s", async (what) => {
    const { id, jwk } = await keptKey();
    const { token } = await tokens.sign(session());
    const [header = "", payload = "", signature = ""] = token.split(".");
    const unsigned = (alg: string) => `${encoded({ alg, typ: "at+jwt", kid: id })}.${payload}`;
    const made: Record<string, () => string | Promise<string>> = {
      none: () => `${unsigned("none")}.`,
      HS256: () => {
        // The public key is known to everybody: it must never be a secret of HMAC.
        const text = unsigned("HS256");
        return `${text}.${createHmac("sha256", Buffer.from(jwk.x ?? "", "base64url"))
          .update(text)
          .digest("base64url")}`;
      },
      "another key": async () => {
        const { privateKey } = await generateKeyPair("EdDSA");
        return new SignJWT(decodeJwt(token))
          .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: id })
          .sign(privateKey);
      },
      "a changed payload": () => `${header}.${encoded({ ...decodeJwt(token), sid: "6".repeat(32) })}.${signature}`,
      "no signature": () => `${header}.${payload}.`,
    };
    expect(await tokens.verify((await made[what]?.()) ?? "")).toBeUndefined();
  });

  it("ends with its time, also if it was verified before", async () => {
    const { token, expiresAtMs } = await tokens.sign(session());
    expect(await tokens.verify(token)).toBeDefined();
    vi.useFakeTimers({ toFake: ["Date"], now: expiresAtMs });
    expect(await tokens.verify(token)).toBeUndefined();
  });

  it("is never made of ten thousand random ones", async () => {
    await tokens.sign(session());
    let accepted = 0;
    for (let i = 0; i < 10_000; i++) {
      const text = randomBytes(96).toString("base64url");
      const token =
        i % 2 === 0
          ? `${text.slice(0, 40)}.${text.slice(40, 80)}.${text.slice(80)}`
          : `${encoded({ alg: "EdDSA", typ: "at+jwt" })}.${encoded({ iss: "urn:polyreel", sid: text })}.${text}`;
      if (await tokens.verify(token)) accepted++;
    }
    expect(accepted).toBe(0);
  });
});

describe("signing keys", () => {
  it("are shared by gateways, rotated after thirty days, and verify until their tokens have expired", async () => {
    const other = new AccessTokens(new SigningKeys(store));
    const { token } = await tokens.sign(session());
    const first = (await keys.signing()).id;
    expect(await other.verify(token)).toBeDefined();
    const began = Date.now();
    vi.useFakeTimers({ toFake: ["Date"], now: began + 29 * DAY_MS });
    expect((await keys.signing()).id).toBe(first);
    const late = await tokens.sign(session());
    vi.setSystemTime(began + 30 * DAY_MS + 1000);
    const second = await tokens.sign(session());
    expect((await keys.signing()).id).not.toBe(first);
    expect(await other.verify(second.token)).toBeDefined();
    expect(await other.verify(late.token)).toBeUndefined(); // It has expired by itself.
    expect((await keys.jwks()).keys).toHaveLength(2);
    vi.setSystemTime(began + 62 * DAY_MS);
    await keys.signing();
    expect((await keys.jwks()).keys.map(({ kid }) => kid)).not.toContain(first);
  });

  it("are made once more by a call, and their secrets are shown to nobody", async () => {
    const { token } = await tokens.sign(session());
    await keys.rotate();
    expect(await tokens.verify(token)).toBeDefined();
    const { keys: shown } = await keys.jwks();
    expect(shown.map((key) => Object.keys(key).sort())).toEqual(
      Array(2).fill(["alg", "crv", "kid", "kty", "use", "x"]),
    );
  });
});
