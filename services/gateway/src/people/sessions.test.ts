import { Code, ConnectError } from "@connectrpc/connect";
import { Role, type Tokens } from "@polyreel/contract";
import { decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PeopleGateway, runPeopleGateway } from "./testing/people-gateway.js";

let people: PeopleGateway;
beforeAll(async () => {
  people = await runPeopleGateway();
});
afterAll(() => people.gateway.close());

const codeOf = (call: Promise<unknown>): Promise<Code | "ok"> =>
  call.then(
    () => "ok" as const,
    (error: unknown) => ConnectError.from(error).code,
  );
let people_ = 0;
const anEmail = () => `person${people_++}@studio.example`;

async function signedIn(role = Role.EDITOR): Promise<{ email: string; id: string; password: string; tokens: Tokens }> {
  const email = anEmail();
  const person = await people.person(email, role);
  const { tokens } = await people.as().sessions.signIn({ email, password: person.password });
  if (!tokens) throw new Error("no tokens");
  return { email, ...person, tokens };
}

describe("a session", () => {
  it("is begun by email and password, in any writing of the address", async () => {
    const { email, password } = await signedIn();
    const { tokens } = await people.as().sessions.signIn({ email: ` ${email.toUpperCase()} `, password });
    const caller = await people.as(tokens?.accessToken).access.getCaller({});
    expect(caller).toMatchObject({ role: Role.EDITOR, tenant: "acme", email });
    expect(await codeOf(people.as(tokens?.accessToken).batches.listBatches({}))).toBe("ok");
    expect(await codeOf(people.as(tokens?.accessToken).users.listUsers({}))).toBe(Code.PermissionDenied);
  });

  it("goes on by its refresh token, once; an earlier one ends it", async () => {
    const { tokens } = await signedIn();
    const refresh = async (refreshToken = "") => (await people.as().sessions.refreshSession({ refreshToken })).tokens;
    const second = await refresh(tokens.refreshToken);
    const third = await refresh(second?.refreshToken);
    expect(await codeOf(people.as(third?.accessToken).access.getCaller({}))).toBe("ok");
    expect(await codeOf(refresh(tokens.refreshToken))).toBe(Code.Unauthenticated);
    expect(await codeOf(refresh(third?.refreshToken))).toBe(Code.Unauthenticated);
    expect(await codeOf(people.as(third?.accessToken).access.getCaller({}))).toBe(Code.Unauthenticated);
  });

  it("is not ended by who knows only its id", async () => {
    const { tokens } = await signedIn();
    const [kind, id] = tokens.refreshToken.split("_");
    const forged = `${kind}_${id}_${"A".repeat(43)}_${"A".repeat(43)}`;
    expect(await codeOf(people.as().sessions.refreshSession({ refreshToken: forged }))).toBe(Code.Unauthenticated);
    expect(await codeOf(people.as(tokens.accessToken).access.getCaller({}))).toBe("ok");
  });

  it("is exchanged by one of many refreshes at the same time", async () => {
    const { tokens } = await signedIn();
    const { refreshToken } = tokens;
    const all = Array.from({ length: 5 }, () => codeOf(people.as().sessions.refreshSession({ refreshToken })));
    expect((await Promise.all(all)).filter((code) => code === "ok").length).toBeLessThanOrEqual(1);
  });

  it("is listed and revoked by its owner, and by administrators of the tenant", async () => {
    const [own, admin] = [await signedIn(), await signedIn(Role.ADMIN)];
    await people.person(anEmail(), Role.ADMIN, "globex");
    const listed = async (token: string) => (await people.as(token).sessions.listSessions({})).sessions;
    expect((await listed(own.tokens.accessToken)).map(({ email, current }) => [email, current])).toEqual([
      [own.email, true],
    ]);
    const seen = await listed(admin.tokens.accessToken);
    expect(new Set(seen.map(({ tenant }) => tenant))).toEqual(new Set(["acme"]));
    const [theirs] = seen.filter(({ email }) => email === own.email);
    const [admins] = seen.filter(({ email }) => email === admin.email);
    expect(await codeOf(people.as(own.tokens.accessToken).sessions.revokeSession({ id: admins?.id ?? "" }))).toBe(
      Code.NotFound,
    );
    expect(await codeOf(people.as(admin.tokens.accessToken).sessions.revokeSession({ id: theirs?.id ?? "" }))).toBe(
      "ok",
    );
    expect(await codeOf(people.as(own.tokens.accessToken).access.getCaller({}))).toBe(Code.Unauthenticated);
  });

  it("ends by signing out, a new password, a reset, a disabled and a removed user", async () => {
    const operator = people.as(people.operator);
    const by = (password: string) => ({ case: "currentPassword", value: password }) as const;
    const endings: ((one: Awaited<ReturnType<typeof signedIn>>) => Promise<unknown>)[] = [
      ({ tokens }) => people.as(tokens.accessToken).sessions.signOut({}),
      ({ tokens, password }) =>
        people.as(tokens.accessToken).users.setPassword({ by: by(password), newPassword: "another one of them" }),
      ({ email }) => operator.users.resetPassword({ user: email }),
      ({ email }) => operator.users.updateUser({ user: email, active: false }),
      ({ email }) => operator.users.removeUser({ user: email }),
    ];
    for (const end of endings) {
      const one = await signedIn();
      await end(one);
      expect(await codeOf(people.as(one.tokens.accessToken).access.getCaller({}))).toBe(Code.Unauthenticated);
      const { refreshToken } = one.tokens;
      expect(await codeOf(people.as().sessions.refreshSession({ refreshToken }))).toBe(Code.Unauthenticated);
    }
  });

  it("does not come back with a new user of the same address", async () => {
    const one = await signedIn();
    await people.as(people.operator).users.removeUser({ user: one.email });
    await people.person(one.email, Role.ADMIN);
    expect(await codeOf(people.as(one.tokens.accessToken).access.getCaller({}))).toBe(Code.Unauthenticated);
  });

  it("has the user's present role", async () => {
    const one = await signedIn(Role.EDITOR);
    await people.as(people.operator).users.updateUser({ user: one.id, role: Role.VIEWER });
    expect((await people.as(one.tokens.accessToken).access.getCaller({})).role).toBe(Role.VIEWER);
  });

  it("goes on while signing keys are rotated", async () => {
    const { tokens } = await signedIn();
    const jwks = async () =>
      (await (await fetch(`${people.gateway.url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
    const { keyId } = await people.as(people.operator).sessions.rotateSigningKey({});
    const { keys } = await jwks();
    expect(keys.length).toBeGreaterThan(1);
    expect(keys.at(-1)).toMatchObject({ kid: keyId, alg: "EdDSA", use: "sig" });
    expect(JSON.stringify(keys)).not.toContain('"d"');
    expect(await codeOf(people.as(tokens.accessToken).access.getCaller({}))).toBe("ok");
    const { tokens: later } = await people.as().sessions.refreshSession({ refreshToken: tokens.refreshToken });
    expect(decodeProtectedHeader(later?.accessToken ?? "").kid).toBe(keyId);
    expect(await codeOf(people.as(later?.accessToken).access.getCaller({}))).toBe("ok");
  });
});
